/** One file of a model, as its hub has it for ever. */
export interface PinnedFile {
  /** Its name in the model folder. */
  readonly name: string;
  /** Where it lies under the model's address. */
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** A model at one revision of its hub. */
export interface PinnedModel {
  readonly name: string;
  /** Repository and revision, as in the hub's addresses. */
  readonly place: string;
  readonly tokenizer: PinnedFile;
  readonly float32: PinnedFile;
  /** The same weights in 8 bits. */
  readonly int8: PinnedFile;
  /** What Isartor must know of it, besides its weights. */
  readonly manifest: { readonly pooling: 'mean' | 'cls'; readonly window: number };
}

/** The model that the semantic cache is calibrated for. */
export const ALL_MINILM_L6_V2: PinnedModel = {
  name: 'all-MiniLM-L6-v2',
  place: 'Xenova/all-MiniLM-L6-v2/resolve/751bff37182d3f1213fa05d7196b954e230abad9',
  tokenizer: {
    name: 'tokenizer.json',
    path: 'tokenizer.json',
    bytes: 711_661,
    sha256: 'da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0',
  },
  float32: {
    name: 'model.onnx',
    path: 'onnx/model.onnx',
    bytes: 90_387_606,
    sha256: '759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e',
  },
  int8: {
    name: 'model_quantized.onnx',
    path: 'onnx/model_quantized.onnx',
    bytes: 22_972_370,
    sha256: 'afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1',
  },
  manifest: { pooling: 'mean', window: 256 },
};
