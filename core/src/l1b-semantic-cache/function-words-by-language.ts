/**
 * The commonest function words of English, and of languages that are written in its alphabet: closed lists, no
 * dictionary. Words that several languages share stand in each list. Cut at apostrophes (`isn't`: `isn`).
 */
export const ENGLISH_FUNCTION_WORDS: ReadonlySet<string> = setOf(
  'a an the this that these those it its i you he she we they me him her us them my your his our their mine is are am was ' +
    'were be been being do does did done has have had having can could will would shall should may might must cannot ' +
    'don doesn didn isn aren wasn weren won couldn wouldn shouldn hasn haven hadn dont cant doesnt didnt isnt whats ' +
    'to of in on at by for from with about into over under up out off after before between during without within ' +
    'through against and or but if then so as than because while until when where why how what which who whom whose not ' +
    'no yes there here any some all every each more most much many only just very too also still ever never please ' +
    'thanks get give tell make use need want define explain describe compare list show write translate summarize ' +
    'create implement calculate convert find name ' +
    // No function words; each looks like one of another language.
    'man men war',
);

export const FOREIGN_FUNCTION_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  german: setOf(
    'der die das dem den des ein eine einen einem einer eines kein keine keinen keinem keiner und oder aber ist sind war ' +
      'waren wird werden wurde hat haben habe hast kann kannst können darf dürfen muss müssen soll sollte ich du er sie ' +
      'es wir ihr mich mir dich dir sich mein meine meinen meiner dein deine nicht auch noch nur schon sehr wie was wer ' +
      'wo wann warum wieso welche welcher welches welchen für mit von vom zu zum zur bei beim nach aus auf an am im in ' +
      'um über ohne gegen durch zwischen man heute wenn als dass mal gibt geht macht heißt bedeutet lautet hoch viel so etwas alles',
  ),
  french: setOf(
    'le la les un une des du de et ou mais est sont était sera ai as a ont avons avez être avoir peut peux puis ' +
      'pouvez dois doit faut je tu il elle on nous vous ils elles me te se mon ma mes ton ta tes son sa ses notre ' +
      'votre leur ne pas plus rien jamais que qu qui quoi quel quelle quels quelles comment pourquoi quand où combien ' +
      'pour avec dans sur sous sans par chez en au aux ce cet cette ces aujourd',
  ),
  spanish: setOf(
    'el la los las lo un una unos unas de del al a y o u pero es son era fue ser estar está están hay ha he han tengo ' +
      'tiene tienen puedo puede pueden se me te nos mi mis tu tus su sus no ni nunca que qué quién quien cuál cual ' +
      'cuáles cuales cómo como cuándo cuando dónde donde cuánto cuanto cuántos por para con sin en sobre entre desde ' +
      'hasta muy más mas ya si sí hoy este esta estos esto eso',
  ),
  catalan: setOf(
    'el la els les un una de del i o però és són ha puc es em meu meva no quin quina quins com quan on qui què per amb ' +
      'sense en',
  ),
  portuguese: setOf(
    'o os a as um uma uns umas de do da dos das no na nos nas ao à pelo pela e ou mas é são era foi ser estar está há ' +
      'tem tenho posso pode podem se me te eu você ele ela nós meu minha meus minhas seu sua não nao nem nunca que quem ' +
      'qual quais como quando onde quanto quantos por porque para com sem em sobre até muito mais já isso este esta ' +
      'esse essa faço hoje',
  ),
  italian: setOf(
    'il lo la i gli le un uno una di del della dei delle dello da dal dalla a al alla ai in nel nella su sul con per ' +
      'tra fra senza e ed o ma è sono era sei siamo ho hai ha hanno abbiamo essere avere posso può puoi possono devo ' +
      'deve si mi ti ci vi io tu lui lei noi mio mia miei tuo tua suo non né mai che chi cosa quale quali qual come ' +
      'quando dove quanto quanti perché perche più anche questo questa oggi',
  ),
  romanian: setOf(
    'și si sau dar este sunt era fi am ai are au pot poate trebuie eu tu el ea noi mea meu mele nu nici ce cine care cum ' +
      'când cand unde cât cat de la în din pentru cu fără fara pe un o al ale',
  ),
  dutch: setOf(
    'de het een en of maar is zijn was waren wordt worden heb hebt heeft hebben had kan kunt kunnen mag mogen moet ' +
      'moeten zal zullen ik je jij u hij ze zij wij we jullie mij me mijn jouw uw zich niet geen nooit ook nog al wel ' +
      'wat wie waar wanneer waarom hoe welke welk voor van met op in aan bij naar uit om over onder door zonder tegen ' +
      'tussen tot er dat die dit deze te vandaag als dan',
  ),
  swedish: setOf(
    'en ett den det de och eller men är var vara blir blev har hade kan kunde får måste ska skall skulle vill jag du han ' +
      'hon vi ni man mig dig sig min mitt mina din ditt inte ej aldrig ingen inget inga också bara vad vem vilken ' +
      'vilket vilka när hur varför för med av till från på i om utan mot mellan under över vid att som idag',
  ),
  danish: setOf(
    'en et den det de og eller men er var være bliver blev har havde kan kunne må skal skulle vil ville jeg du han hun ' +
      'vi man mig dig sig min mit mine din dit ikke aldrig ingen intet også kun hvad hvem hvilken hvilket hvilke hvor ' +
      'hvornår hvordan hvorfor for med af til fra på i om uden mod mellem under over ved at som dag',
  ),
  norwegian: setOf(
    'en ei et den det de og eller men er var være blir ble har hadde kan kunne må skal skulle vil ville jeg du han hun ' +
      'vi man meg deg seg min mitt mine din ditt ikke aldri ingen ikkje også bare hva hvem hvilken hvilket hvilke hvor ' +
      'når hvordan hvorfor for med av til fra på i om uten mot mellom under over ved å at som dag',
  ),
  finnish: setOf(
    'ja tai mutta on ovat oli olla en et ei emme ette eivät voi voin voiko voit saa saan saanko pitää minä sinä hän me ' +
      'te he minun sinun sen se tämä tuo mikä mika mitä mita mitkä kuka ketä milloin missä missa mistä mihin miten ' +
      'miksi kuinka millainen onko oletko eikö enkö ilman kanssa myös vain jos kun että kuin tänään',
  ),
  polish: setOf(
    'i oraz lub albo ale jest są był byla była było być mam masz ma mają może można mozna mogę moge musi trzeba nie ja ' +
      'ty on ona my wy oni mnie mi mój moj moja moje twój się sie co kto jak jaki jaka jakie jakich który która które ' +
      'gdzie kiedy dlaczego czemu ile czy do na w z ze od dla po przez przy bez nad pod to ten ta te tego tym dziś ' +
      'dzisiaj bardzo tylko też już',
  ),
  czech: setOf(
    'a nebo ale je jsou byl být mam mám můj muj moje se si ne není kdo co jak jaký jaky jaká jaké jake kde kdy proč proc ' +
      'kolik který která na v z do od pro po s bez že to ten ta jsem',
  ),
  croatian: setOf(
    'i ili ali je su bio biti sam moj moja moje se ne nije tko sto što kako koji koja koje gdje kada zašto zasto koliko ' +
      'na u s iz za od do po bez',
  ),
  hungarian: setOf(
    'a az egy és vagy de nem ne van volt lesz én te ő mi ki hol mikor miért hogyan hogy mennyi milyen melyik ez meg is ' +
      'csak kell lehet nincs',
  ),
  turkish: setOf(
    've veya ile ama bir bu şu o ben sen biz siz onlar benim senin bana sana için icin gibi kadar mi mı mu mü değil ' +
      'degil yok var ne neden niçin niye nasıl nasil nerede nereye hangi kim kaç kac zaman da de ki daha çok cok en her ' +
      'hiç bugün midir nedir olan olarak',
  ),
  indonesian: setOf(
    'dan atau tetapi adalah ini itu yang saya aku anda kamu kami kita mereka tidak bukan jangan apa apakah siapa mana ' +
      'dimana kapan mengapa kenapa bagaimana berapa di ke dari untuk dengan pada tanpa bisa boleh ada akan sudah cara',
  ),
  vietnamese: setOf(
    'và là của co có không khong cho được duoc tôi toi bạn ban gì gi nào nao sao thế làm lam ở đâu khi để',
  ),
  'romanised hindi': setOf(
    'kya kaise kyon kyun kab kahan kaun kitna kitne hai hain tha thi hoga ka ki ke ko se mein mera meri mere tum aap ' +
      'nahi nahin mat aur ya ho hu hoon sakta sakte sakti kare karna karne karu',
  ),
};

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}
