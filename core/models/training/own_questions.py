"""Our own questions: forms of one question, and what may stand in them (`a/b`: two words for one thing)."""

WRAPS = ["please {}", "{} thanks", "Hi, {}", "{} please", "Hello! {}", "Quick question: {}", "{} I need to know."]
BEFORE_HOW = ["As a beginner", "In Germany", "If I am over 60", "With no money", "On a weekend", "Without the internet"]
QUALIFIERS = [
    "in India", "at home", "for beginners", "without money", "in one week", "for children", "online", "in the US",
    "on a Mac", "with a small budget", "after 40", "naturally", "at night", "for free", "in winter", "as a student",
    "with one hand", "in a small town", "from abroad", "during pregnancy", "in 30 days", "without an account", "by phone",
    "for a wedding", "on Android", "when I am sick", "while travelling", "in a team", "before an exam", "as a foreigner",
]
HOW = [
    "How do I {x}?", "How can I {x}?", "What is the best way to {x}?", "How to {x}?", "What are some ways to {x}?",
    "What should I do to {x}?", "How should I {x}?", "What's the easiest way to {x}?", "How does one {x}?",
    "What are the best ways to {x}?", "How can someone {x}?", "I want to {x}. How can I do it?", "How could I {x}?",
    "what is a good way to {x}", "how do you {x}", "Is there a way to {x}?", "Can you tell me how to {x}?",
]
WHY = ["Why {x}?", "What is the reason that {x}?", "How come {x}?", "Can you explain why {x}?"]
CITIES = "Mumbai Delhi London Paris Berlin Boston Chicago Seattle Dubai Singapore Sydney Toronto Cairo Lagos Lima Rome Bangalore Manila".split()
COUNTRIES = "India China Japan Germany France Spain Italy Canada Mexico Brazil Egypt Kenya Russia Pakistan Nigeria Australia Poland Turkey".split()
LANGUAGES = "English French German Spanish Italian Japanese Korean Arabic Hindi Russian Chinese Portuguese".split()
CODE = "Python Java JavaScript Ruby Rust Go PHP Swift Kotlin Perl C++ SQL".split()
APPS = "Facebook Instagram WhatsApp Gmail Twitter YouTube Skype Snapchat LinkedIn Netflix Uber Quora".split()
ANIMALS = "dogs cats horses rabbits parrots snakes turtles goats chickens spiders".split()
FOODS = ["rice", "pasta", "chicken", "eggs", "bread", "soup", "salmon", "potatoes", "pancakes", "beans"]
ILLS = ["acne/pimples", "a headache/headaches", "a cold", "back pain", "dandruff", "a sore throat", "anxiety", "insomnia", "hair loss/losing hair", "a fever"]
FIELDS = ["physics", "biology", "economics", "machine learning", "law", "medicine", "psychology", "accounting/bookkeeping", "history", "statistics", "chemistry", "marketing"]
JOBS = ["a doctor/a physician", "a lawyer/an attorney", "a pilot", "a writer/an author", "a nurse", "a data scientist", "a teacher", "a chef/a cook", "an actor", "a police officer", "an investment banker", "a software engineer/a software developer"]
DEEDS = [
    "lose weight/reduce weight/shed weight", "gain weight/put on weight", "learn to swim", "stop smoking/quit smoking", "sleep better", "get rid of acne/cure acne",
    "make money online/earn money online", "improve my writing/get better at writing", "improve my English/get better at English", "get a job/find a job",
    "start a business/found a company", "make new friends/find new friends", "prepare for an exam/get ready for an exam", "stop worrying/quit worrying", "be happy/become happy",
    "reset my password/change my password", "delete my account/remove my account", "cancel my order/call off my order", "track my package/follow my parcel",
    "return an item/send an item back", "open a bank account/set up a bank account", "close a bank account", "transfer money abroad/send money to another country",
    "get a refund/get my money back", "update my address/change my address", "contact support/reach customer service", "fix a flat tire/repair a flat tyre",
    "remove a stain/get a stain out", "paint a wall", "train a dog/teach a dog", "grow tomatoes", "plant a tree", "learn the guitar", "learn the piano",
    "write a novel/write a book", "write a resume/write a CV", "invest in stocks/buy shares", "save money/spend less money", "pay off debt/get out of debt", "build muscle/gain muscle",
    "increase my height/grow taller", "control anger/manage anger", "concentrate on studies/focus on studying", "stop procrastinating/quit procrastination",
    "install the app", "update the software/upgrade the software", "block a caller", "recover deleted photos/restore deleted pictures", "print double-sided", "merge two files/combine two files",
    "sort a list", "reverse a string", "read a file", "parse a date", "connect to a database", "deploy a website/publish a website", "speed up a website/make a website faster", "back up my data",
    "book a flight/reserve a flight", "rent a car/hire a car", "change a flight", "get a visa/obtain a visa", "renew a passport", "apply for a loan", "buy a house/purchase a home", "sell a car",
    "move on from a breakup/get over a breakup", "ask someone out", "deal with stress/cope with stress", "wake up early/get up early", "meditate", "run faster", "cook for ten people",
    "hack a phone", "learn hacking", "improve my memory", "improve my handwriting", "improve my vocabulary", "speak fluently", "become rich/get rich", "become famous", "lower blood pressure/reduce blood pressure",
]
FACTS = [
    "the sky is blue", "the sea is salty", "cats purr", "dogs bark", "leaves fall", "people lie", "birds migrate", "ice floats", "stars twinkle", "prices rise",
    "my phone is slow", "my car is loud", "my card was declined", "my package is late", "the app crashes", "the page does not load", "my payment failed", "the battery drains fast",
    "people hate Mondays", "people love music", "banks fail", "the moon has phases", "planes fly", "languages die", "wood burns", "gold is expensive", "so many people are lonely", "tea is healthy",
]


def forms(templates, x):
    return [template.replace("{x}", x) for template in templates]


FAMILIES = [
    {"name": "how", "forms": HOW, "slots": {"x": DEEDS}, "count": 2600},
    {"name": "why", "forms": WHY, "slots": {"x": FACTS}, "count": 260},
    {"name": "learn", "forms": forms(HOW, "learn {l}") + ["What are the best resources for learning {l}?", "What is the best way of learning {l}?", "How can I study {l}?"], "slots": {"l": LANGUAGES + CODE + FIELDS}, "count": 500},
    {"name": "become", "forms": forms(HOW, "become {j}") + ["What does it take to become {j}?", "What are the steps to become {j}?"], "slots": {"j": JOBS}, "count": 250},
    {"name": "ill", "forms": forms(HOW, "get rid of {i}") + ["What is the best treatment for {i}?", "How do I treat {i}?", "How is {i} treated?", "What is the cure for {i}?", "How can I cure {i}?"], "slots": {"i": ILLS}, "count": 250},
    {"name": "cause", "forms": ["What causes {i}?", "Why do people get {i}?", "What is the cause of {i}?", "What are the causes of {i}?"], "slots": {"i": ILLS}, "count": 120},
    {"name": "visit", "forms": ["What are the best places to visit in {c}?", "Which places should I visit in {c}?", "What should I see in {c}?", "What are must-see places in {c}?", "Where should a tourist go in {c}?"], "slots": {"c": CITIES + COUNTRIES}, "count": 220},
    {"name": "live", "forms": ["What is it like to live in {c}?", "How is life in {c}?", "How does it feel to live in {c}?", "What is living in {c} like?"], "slots": {"c": CITIES + COUNTRIES}, "count": 160},
    {"name": "cost", "forms": ["How much does it cost to live in {c}?", "What is the cost of living in {c}?", "How expensive is it to live in {c}?"], "slots": {"c": CITIES + COUNTRIES}, "count": 120},
    {"name": "capital", "forms": ["What is the capital of {c}?", "Which city is the capital of {c}?", "What's {c}'s capital?", "Name the capital of {c}"], "slots": {"c": COUNTRIES}, "count": 80},
    {"name": "travel", "forms": ["How do I get from {a} to {b}?", "What is the best way to travel from {a} to {b}?", "How can I travel to {b} from {a}?"], "slots": {"a": CITIES, "b": CITIES}, "count": 160},
    {"name": "account", "forms": ["How do I delete my {p} account?", "How can I remove my {p} account?", "How do I permanently delete my account on {p}?", "How can I close my {p} account?"], "slots": {"p": APPS}, "count": 120},
    {"name": "password", "forms": ["How do I reset my {p} password?", "How can I recover my {p} password?", "I forgot my {p} password. How do I reset it?", "What should I do if I forgot my {p} password?"], "slots": {"p": APPS}, "count": 120},
    {"name": "code", "forms": ["How do I {d} in {k}?", "How can I {d} in {k}?", "In {k}, how do I {d}?", "What is the best way to {d} using {k}?", "how to {d} with {k}"], "slots": {"d": ["sort a list", "reverse a string", "read a file", "parse a date", "connect to a database", "parse JSON", "make an HTTP request/send an HTTP request", "remove duplicates from a list", "split a string", "format a number"], "k": CODE}, "count": 400},
    {"name": "versus", "forms": ["Which is better, {a} or {b}?", "Is {a} better than {b}?", "Should I choose {a} or {b}?", "{a} or {b}: which one should I pick?"], "slots": {"a": CODE + CITIES + LANGUAGES, "b": CODE + CITIES + LANGUAGES}, "count": 200},
    {"name": "differ", "forms": ["What is the difference between {a} and {b}?", "How do {a} and {b} differ?", "What are the differences between {a} and {b}?", "How is {a} different from {b}?"], "slots": {"a": FIELDS + FOODS + ANIMALS, "b": FIELDS + FOODS + ANIMALS}, "count": 240},
    {"name": "animal food", "forms": ["What do {a} eat?", "What should {a} be fed?", "What is the diet of {a}?", "What food do {a} need?"], "slots": {"a": ANIMALS}, "count": 80},
    {"name": "animal life", "forms": ["How long do {a} live?", "What is the lifespan of {a}?", "How old do {a} get?", "What is the life expectancy of {a}?"], "slots": {"a": ANIMALS}, "count": 80},
    {"name": "cook", "forms": ["How long should I cook {f}?", "How much time does it take to cook {f}?", "What is the cooking time of {f}?", "How long does {f} need to cook?"], "slots": {"f": FOODS}, "count": 80},
    {"name": "recipe", "forms": ["How do you make {f}?", "What is a good recipe for {f}?", "How do I cook {f}?", "Can you give me a recipe for {f}?"], "slots": {"f": FOODS}, "count": 80},
    {"name": "meaning", "forms": ["What is {f}?", "What does {f} mean?", "What is meant by {f}?", "Can you explain what {f} is?", "Define {f}", "What is the definition of {f}?"], "slots": {"f": FIELDS + ["inflation", "recursion", "entropy", "karma", "democracy", "photosynthesis", "osmosis", "polymorphism", "inheritance", "a black hole", "dark matter", "consciousness"]}, "count": 320},
    {"name": "books", "forms": ["What are the best books on {f}?", "Which books should I read about {f}?", "What is a good book about {f}?", "Can you recommend some books about {f}?"], "slots": {"f": FIELDS}, "count": 160},
    {"name": "career", "forms": ["What is the future of {f} as a career?", "Is {f} a good career?", "Should I choose {f} as a career?"], "slots": {"f": FIELDS}, "count": 90},
    {"name": "salary", "forms": ["What is the salary of {j}?", "How much does {j} earn?", "How much money does {j} make?", "What does {j} get paid?"], "slots": {"j": JOBS}, "count": 120},
    {"name": "president", "forms": ["Who is the president of {c}?", "Who is {c}'s president?", "What is the name of the president of {c}?"], "slots": {"c": COUNTRIES}, "count": 60},
    {"name": "war", "forms": ["What would happen if {a} attacked {b}?", "What will happen if {a} goes to war with {b}?", "What would happen in a war of {a} against {b}?"], "slots": {"a": COUNTRIES, "b": COUNTRIES}, "count": 120},
]
