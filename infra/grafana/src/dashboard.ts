import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  LegendDisplayMode,
  PercentChangeColorMode,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizOrientation,
  type Dashboard as GrafanaDashboard,
  type GraphFieldConfig,
  type Panel as GrafanaPanel,
} from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as TimeSeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** A query, and what its lines are called (`{{label}}` is filled in). */
export type Query = readonly [expr: string, legend: string];

/** One chart. */
export interface Panel {
  readonly title: string;
  /** Grafana's name of the unit. */
  readonly unit: 'reqps' | 's' | 'percentunit' | 'currencyUSD' | 'short' | 'bytes' | 'percent' | 'ops';
  /** What it means, and what to do when it looks wrong. */
  readonly help: string;
  readonly queries: readonly Query[];
  /** One figure instead of a line over time. */
  readonly stat?: true;
}

/** One page of charts. */
export interface Dashboard {
  /** Its file, and its address in Grafana. */
  readonly id: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const COLUMNS = 24;
const WIDTH = { stat: 6, line: 12 };
const HEIGHT = { stat: 4, line: 8 };
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

const STAT: StatOptions = {
  reduceOptions: { calcs: ['lastNotNull'] },
  orientation: VizOrientation.Auto,
  colorMode: BigValueColorMode.Value,
  graphMode: BigValueGraphMode.Area,
  justifyMode: BigValueJustifyMode.Auto,
  textMode: BigValueTextMode.Auto,
  percentChangeColorMode: PercentChangeColorMode.Standard,
  showPercentChange: false,
  wideLayout: true,
};
const LINES: TimeSeriesOptions = {
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- Grafana's package declares this enum twice
  legend: { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] },
  tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
};
const LINE: GraphFieldConfig = { fillOpacity: 10, showPoints: VisibilityMode.Never };

/** A dashboard in Grafana's own form, by Grafana's own types: a field that it does not know, or misses, fails the type check. */
export function grafanaJson({ id, title, panels }: Dashboard): string {
  const places = placesOf(panels);
  const dashboard: GrafanaDashboard = {
    uid: `isartor-${id}`,
    title: `Isartor: ${title}`,
    tags: ['isartor'],
    schemaVersion: 41,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    templating: {
      list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' }],
    },
    links: [
      {
        type: 'dashboards',
        title: 'Isartor',
        tags: ['isartor'],
        asDropdown: true,
        icon: 'dashboard',
        tooltip: '',
        url: '',
        targetBlank: false,
        includeVars: true,
        keepTime: true,
      },
    ],
    panels: panels.map((panel, at) => grafanaPanel(panel, at + 1, places[at])),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function grafanaPanel(
  { title, unit, help, queries, stat }: Panel,
  id: number,
  gridPos: GrafanaPanel['gridPos'],
): GrafanaPanel {
  return {
    id,
    title,
    description: help,
    type: stat ? 'stat' : 'timeseries',
    datasource: SOURCE,
    ...(gridPos === undefined ? {} : { gridPos }),
    fieldConfig: { defaults: { unit, min: 0, custom: stat ? {} : { ...LINE } }, overrides: [] },
    options: stat ? { ...STAT } : { ...LINES },
    targets: queries.map(([expr, legendFormat], at) => ({
      refId: String.fromCodePoint(65 + at),
      datasource: SOURCE,
      expr,
      legendFormat,
    })),
  };
}

/** Left to right, and a new line where one does not fit any more. */
function placesOf(panels: readonly Panel[]): readonly NonNullable<GrafanaPanel['gridPos']>[] {
  let [x, y, lineHeight] = [0, 0, 0];
  return panels.map(({ stat }) => {
    const [w, h] = stat ? [WIDTH.stat, HEIGHT.stat] : [WIDTH.line, HEIGHT.line];
    if (x + w > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0];
    const place = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return place;
  });
}
