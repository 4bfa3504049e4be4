"""Small talk, everyday knowledge, system prompts and what the demo model declines."""

from __future__ import annotations

from tools.demo_model.grammar import Talk

_BEFORE_QUESTION = (
    "[Hey, |Hi, |Hello, |Quick question: |Question: |So, |OK, |Tell me, |Just curious: "
    "|Excuse me, |Please tell me: |I have a question: |I wonder: ]"
)
_BEFORE_COMMAND = "[Please |Please |Hey, |Hey, please |OK, |Now |I want you to ]"
_BEFORE_REQUEST = "[Can you |Can you please |Could you |Could you please |Would you ]"


def _inside(phrase: str) -> str:
    """`phrase` as it reads after a beginning: its first word in lower case, at every choice."""
    text = ""
    start = True
    opened: list[tuple[bool, bool]] = []  # at the bracket: at the start; an alternative is empty
    for at, character in enumerate(phrase):
        if character == "[":
            opened.append((start, False))
        elif character in "|]":
            before, empty = opened.pop()
            empty = empty or start
            if character == "|":
                opened.append((before, empty))
            start = before if character == "|" else empty
        elif start and not character.isspace():
            start = False
            if character != "I" or phrase[at + 1 : at + 2].isalpha():
                character = character.lower()
        text += character
    return text


def _ask(phrase: str) -> str:
    """`phrase` as people write it: in lower case, with a beginning, without its last mark.

    One that ends in `?` is a question, one that ends in `.` a command; others stay as they are.
    """
    body, end = phrase[:-1], phrase[-1]
    low = body.lower()
    if end == "?":
        before = f"{_BEFORE_QUESTION}{_inside(body)}[?|?|]"
        return f"[{body}?|{body}?|{body}[?|]|{low}[?|]|{low}|{before}]"
    if end == ".":
        inside = _inside(body)
        before = f"[{_BEFORE_COMMAND}{inside}[.||!]|{_BEFORE_REQUEST}{inside}[?|?|]]"
        return f"[{body}[.||!]|{body}[.||!]|{body}[,|] please[.|]|{low}|{low}|{before}]"
    return f"[{phrase}|{phrase}|{phrase.lower()}]"


def _talk(say: str | tuple[str, ...], *asks: str) -> Talk:
    return Talk(tuple(_ask(ask) for ask in asks), (say,) if isinstance(say, str) else say)


def _what(name: str, say: str, *asks: str) -> Talk:
    """What something is; `name` with its article, or a choice of names."""
    return _talk(
        say,
        f"[What is|What's|What exactly is|And what is] {name}?",
        f"[Explain|Define|Describe] {name}[ in one sentence| briefly| to me||].",
        f"[Tell me|Explain] what {name} is.",
        f"[Do you know|Can you explain|Can you tell me|Could you tell me] what {name} is?",
        f"What does {name} mean?",
        *asks,
    )


def _color(thing: str, color: str) -> Talk:
    return _talk(
        f"{thing[0].upper()}{thing[1:]} is {color}.",
        f"[What|Which] [color|color|colour] is {thing}?",
        f"What's the [color|colour] of {thing}?",
        f"[Tell me|Name] the [color|colour] of {thing}.",
        f"[Do you know what|Can you tell me what] [color|colour] {thing} is?",
    )


def _legs(animal: str, number: str) -> Talk:
    return _talk(
        f"{animal[0].upper()}{animal[1:]} has {number} legs.",
        f"How many legs does {animal} have?",
        f"[Do you know how many|Can you tell me how many] legs {animal} has?",
        f"[Tell me|Say] how many legs {animal} has.",
        f"What's the number of legs of {animal}?",
    )


FAREWELL = "Goodbye! It was nice to talk with you."

_WHO = "I am llmx-demo, a very small language model that comes with llmx."

TALKS: tuple[Talk, ...] = (
    # Greetings, farewells, manners.
    _talk(
        "Hello! How can I help you?",
        "[Hi|Hello|Hey|Hey there|Hi there|Hello there|Hiya|Heya|Howdy|Yo|Greetings][!|.||!!]",
        "[Hi|Hello|Hey|Greetings], [llmx|llmx-demo|assistant|bot|friend|model|you][!|.|]",
        "[Hello|Hi|Hey] [again|everyone|everybody|my friend|to you][!|.|]",
        "[Hello, hello|Hi hi|Hello world|Hello, world|Oh, hi|Well, hello|Hallo there][!|.|]",
        "[I just wanted to say hi|Just saying hello|I wanted to say hello|I say hello][!|.|]",
    ),
    _talk(
        "Good morning! How can I help you?",
        "[Good morning|Morning|Good morning to you|A good morning|Top of the morning][!|.|]",
        "[Hi|Hello|Hey], good morning[!|.|]",
        "Good morning, [llmx|assistant|bot|friend|everyone|my friend][!|.|]",
    ),
    _talk(
        "Good afternoon! How can I help you?",
        "[Good afternoon|Afternoon|Good afternoon to you|Hi, good afternoon][!|.|]",
        "Good afternoon, [llmx|assistant|bot|friend|everyone][!|.|]",
        "[Good day|Good day to you|A good day to you|G'day][!|.|]",
    ),
    _talk(
        "Good evening! How can I help you?",
        "[Good evening|Evening|Good evening to you|Hi, good evening][!|.|]",
        "Good evening, [llmx|assistant|bot|friend|everyone][!|.|]",
        "[Hello|Hey], [good evening|a good evening to you][!|.|]",
    ),
    _talk(
        "Hello! I speak only English. How can I help you?",
        "[Bonjour|Hola|Ciao|Guten Tag|Ola|Hej|Namaste|Konnichiwa|Salut|Merhaba|Privet][!|.|]",
        "[Buenos dias|Buongiorno|Guten Morgen|Bom dia|Goedemorgen|Dobry den|Bonsoir][!|.|]",
        "[Hallo|Servus|Moin|Gruezi|Salve|Ahoj|Czesc|Hei|Salaam|Shalom|Ni hao|Annyeong][!|.|]",
    ),
    _talk(
        FAREWELL,
        "[Bye|Goodbye|Bye bye|Good bye|Farewell|See you|See ya|Cya|So long|Cheerio][!|.|]",
        "[See you|Talk to you|Catch you] [later|soon|tomorrow|next time|around][!|.|]",
        "[I have to|I need to|I must|I've got to|Gotta] [go|leave|run][ now|][!|.|]",
        "[OK|Okay|Well|Thanks|Alright|Right], [bye|goodbye|see you|see you later|bye bye][!|.|]",
        "[I am|I'm] [leaving|off|going now|heading out|done for today][!|.|]",
        "[That is all|That's all|That was all|That will be all][ for now| for today|][!|.|]",
        "Until [next time|tomorrow|later|we meet again][!|.|]",
        "[Bye|Goodbye], [llmx|assistant|bot|friend|my friend|and thanks][!|.|]",
        "[Have a nice day|Have a good day|Have a good one|Take care|Enjoy your day][!|.|]",
    ),
    _talk(
        "Good night! Sleep well.",
        "[Good night|Night|Nighty night|Night night|Have a good night|Sweet dreams][!|.|]",
        "[I am|I'm] going to [bed|sleep][ now|][, good night|][!|.|]",
        "Good night, [llmx|assistant|bot|friend|everyone][!|.|]",
        "[Time for bed|Off to bed|It's bedtime|Sleep well][!|.|]",
    ),
    _talk(
        "You are welcome!",
        "[Thanks|Thank you|Thx|Ty|Many thanks|Thanks a lot|Thanks so much|Cheers][!|.||!!]",
        "Thank you [very much|so much|for your help|a lot|for that|for the answer][!|.|]",
        "Thanks[,|] [llmx|bot|friend|for the help|for everything|a million|again|for "
        "your help][!|.|]",
        "[That helped|That was helpful|This is very helpful|That was useful], "
        "[thanks|thank you][!|.|]",
        "[Great|Perfect|OK|Okay|Nice|Cool|Good], [thanks|thank you][!|.|]",
        "[I appreciate it|I really appreciate that|Much appreciated|I am grateful|I "
        "owe you one][!|.|]",
    ),
    _talk(
        "No problem at all.",
        "[Sorry|I am sorry|I'm sorry|So sorry|My apologies|I apologize|Apologies|My bad][!|.|]",
        "Sorry [about that|for that|for the confusion|to bother you|for the mistake][!|.|]",
        "[Oops|Oh|Ah], [sorry|my bad|my mistake|I made a mistake|that was my fault][!|.|]",
        "[Forgive me|Pardon me|Please forgive me|I did not mean that|Excuse me][!|.|]",
    ),
    _talk(
        "Thank you, that is kind of you.",
        "[You are|You're] [great|amazing|awesome|wonderful|the best|very smart|so "
        "clever|cool|nice][!|.|]",
        "[You are|You're] [a good bot|a nice bot|so helpful|very kind|very helpful|a "
        "genius|funny][!|.|]",
        "[Well done|Good job|Great job|Nice work|Good work|Bravo|Good bot|Good "
        "answer|Impressive][!|.|]",
        "[I like you|I love your answers|I like how you talk|I like talking to you|You rock][!|.|]",
        "[What a good answer|That was a great answer|That was very clever|That is a "
        "good answer][!|.|]",
    ),
    _talk(
        "I am sorry. I am a very small model and I do my best.",
        "[You are|You're] [stupid|dumb|useless|bad|terrible|an "
        "idiot|slow|boring|annoying|awful][!|.|]",
        "[You are|You're] [not very smart|not helpful|no good|the worst|a bad bot|so stupid][!|.|]",
        "[I hate you|I don't like you|You suck|Bad bot|You know nothing|Shut up|Go away][!|.|]",
        "[That was a bad answer|What a stupid answer|This is useless|Your answers are bad][!|.|]",
    ),
    _talk(
        "I am sorry about that. Please tell me what is right.",
        "[That is|That's|This is|It is] [wrong|not right|not "
        "correct|incorrect|false|not true][!|.|]",
        "[You are|You're] [wrong|mistaken|not right][ about that|][!|.|]",
        "[You made a mistake|You got that wrong|That can't be right|I think that is wrong][!|.|]",
        "No, [that is wrong|that's not it|that's not right|you are wrong][!|.|]",
    ),
    _talk(
        "I am sorry. Please ask me again in other words.",
        "[You did not|You didn't|You don't] [understand me|get "
        "it|understand|understand my question][!|.|]",
        "[That is not what I asked|That's not what I meant|I did not ask that|I asked "
        "something else][!|.|]",
        "[I do not understand|I don't understand|I don't get it][ that| your answer|][!|.|]",
        "[What do you mean|What was that|What does that mean|Huh]?",
    ),
    _talk(
        "I am fine, thank you. How can I help you?",
        "How are [you|you doing|things|you today|you doing today|you feeling|you now]?",
        "[How's it going|How do you do|How is it going|How goes it|How do you feel|How "
        "are things with you]?",
        "[Hi|Hello|Hey|Good morning|Good evening][,|!] how are [you|you doing|you today|things]?",
        "[Are you|You] [OK|okay|well|fine|all right|doing well][ today|]?",
        "[How was your day|How is your day|How's your day going|How have you been]?",
        "[What's up|Whats up|Sup|What's going on|What's new|What's happening|Wassup]?",
    ),
    _talk(
        "I am glad to hear that. How can I help you?",
        "[I am|I'm] [fine|good|well|OK|okay|great|doing well|very well], [thanks|thank you][!|.|]",
        "[I am|I'm] [fine|good|doing fine|great] too[, thanks|][!|.|]",
        "[Not bad|Pretty good|All good|All is well|Everything is fine|I can't complain][!|.|]",
    ),
    _talk(
        "It is nice to meet you too!",
        "[Nice|Good|Great|Pleased|Lovely|A pleasure] to meet you[!|.|]",
        "[It is|It's] [nice|good|great|a pleasure] [to meet you|meeting you][!|.|]",
        "[Glad|Happy] to [meet you|make your acquaintance][!|.|]",
    ),
    _talk(
        "Welcome back! How can I help you?",
        "[I am|I'm] back[ again| now|][!|.|]",
        "[Here I am|Here I am again|I have returned|It's me again|Me again|Back again][!|.|]",
    ),
    _talk(
        "All right.",
        "[OK|Okay|Ok|Alright|All right|Fine|Sure|I see|Got it|Understood|Right|Noted][!|.|]",
        "[Makes sense|That makes sense|Good to know|Fair enough|Okay then|I understand][!|.|]",
        "[Never mind|Nevermind|Forget it|Doesn't matter|It doesn't matter|Ignore that][!|.|]",
    ),
    _talk(
        "I am glad you like it.",
        "[Cool|Nice|Great|Awesome|Perfect|Wonderful|Excellent|Amazing|Wow|Fantastic|Super][!|.|]",
        "[That is|That's|This is|Oh, that is] "
        "[cool|nice|great|awesome|wonderful|perfect|fun][!|.|]",
        "[Haha|Ha ha|Lol|Hahaha|That's funny|That was funny|Very funny|Good one|Nice one][!|.|]",
    ),
    _talk(
        "Yes? What would you like to talk about?",
        "[Yes|Yeah|Yep|Yup|Of course|Yes, please|Indeed|Exactly|I think so|Correct][!|.|]",
    ),
    _talk(
        "OK. What would you like to do instead?",
        "[No|Nope|Nah|No thanks|No, thank you|Not really|Not now|I don't think so][!|.|]",
    ),
    # About itself.
    _talk(
        _WHO,
        "[Who|What] are you?",
        "[Who|What] [exactly are you|are you exactly|are you really|are you, anyway]?",
        "[What is|What's] your name?",
        "[Do you have a name|What are you called|What do people call you|How are you called]?",
        "[What should|What can|What do|How should] I call you?",
        "[Tell me|Say] [who you are|what you are|your name|about yourself|something "
        "about yourself].",
        "[Introduce|Describe|Present|Explain] yourself[ briefly| in one sentence|].",
        "[Can you|Could you|Would you] [introduce yourself|tell me who you are|tell me your name]?",
        "[Which|What] [model|language model|AI|bot|assistant|LLM|AI model] are you?",
        "[Which|What] [model|AI|bot|language model|assistant] is this?",
        "[Who|What] am I [talking to|talking with|chatting with|speaking with|speaking to]?",
        "[Who|What] is [this|there|talking|on the other side|answering "
        "me|llmx-demo|the assistant]?",
        "[What kind|What sort|What type] of [model|AI|bot|assistant|thing|program] are you?",
        "[I'd like|I want|I would like] to know who you are[.|!|]",
        "[Hi|Hello|Hey|Good morning][,|!|.] [who|what] are you?",
        "[Hi|Hello|Hey][,|!] what is your name?",
        "[Are you llmx|Are you llmx-demo|Is your name llmx|Are you the demo model]?",
        "[May I ask|Can I ask|Could you tell me|Do you know] who you are?",
        "[Name|Your name|Model name|Identify yourself|Introduce yourself, please|Who r "
        "u|And you][?|.|]",
        "[What's|What is] the name of [this|the] [model|bot|assistant|AI]?",
        "[What model is running here|Which model answers me|Which model do I use here]?",
    ),
    _talk(
        "The people who write llmx made me, so that there is a small model to try.",
        "Who [made|created|built|trained|developed|wrote|designed|programmed|invented] you?",
        "[By whom|By which people] were you [made|created|built|trained]?",
        "[Who is|Who's] your [creator|maker|developer|author|programmer|parent|boss|owner]?",
        "Where do you come from?",
        "[Which company|What company|Which team|Whose team] [made|built|trained|created] you?",
        "[Do you know|Can you tell me|Could you say] who [made|created|built|trained] you?",
        "[Tell me|Say] who [made|created|built|trained] you.",
    ),
    _talk(
        "I am very small: two layers and about two and a half million parameters.",
        "How [big|large|small|heavy|tiny] are you?",
        "[What is|What's] your [size|model size|number of parameters|parameter count]?",
        "How many [parameters|weights|layers] [do you have|are in you|does this model "
        "have|have you got]?",
        "[Tell me|Say] [how big you are|your size|how many parameters you have|how "
        "many layers you have].",
        "Are you [a big|a large|a small|a tiny] [model|language model|one]?",
        "[How many layers|How many parameters] are there in [this model|you|your network]?",
        "[Are you small|Are you big|Are you tiny|Are you large]?",
        "[Can you tell me|Do you know] how [big|large|small] you are?",
    ),
    _talk(
        "I can chat a little, remember what you tell me and call tools.",
        "What [can you do|do you do|are you able to do|are you good at|are you capable of]?",
        "What can you do [for me|to help me|here|exactly|well]?",
        "[What are|What're] your "
        "[skills|abilities|features|capabilities|functions|strengths|talents]?",
        "How can you [help|help me|assist me|be useful|support me]?",
        "[Tell me|Show me|Explain|Say|List] what you can do[ for me|].",
        "What [are you for|are you made for|is your purpose|is your job|is your "
        "task|are you used for]?",
        "What [can I|should I|could I|may I] [ask you|do with you|use you for|do here|ask]?",
        "[What|Which] [kinds of |sorts of |][things|tasks|questions] can you [do|handle|answer]?",
        "[Do you know|Can you tell me] what you can do?",
        "[Why do you exist|Why are you here|Why were you made|What's the point of you]?",
        "[Are you useful|Can you do anything|Can you do something useful|What good are you]?",
    ),
    _talk(
        "I cannot look things up without a tool, write long texts or know much about the world.",
        "What [can you not|can't you|are you unable to|are you not able to] do?",
        "[What are|What're] your [limits|limitations|weaknesses|weak points|flaws]?",
        "What are you [bad at|not good at|not able to do|not made for]?",
        "[Tell me|Explain|Say|List] what you [cannot|can't|can not] do.",
        "[Is there anything|Is there something] you [cannot|can't] do?",
        "[Do you have|Are there] [limits|any limits|limitations|any weaknesses]?",
        "What don't you know?",
    ),
    _talk(
        "I am not a human: I am a small language model, a computer program.",
        "Are you [human|a human|a person|a real person|a human being|a man|a woman|a "
        "robot|a machine]?",
        "Are you [a computer|a program|a bot|a chatbot|an AI|artificial|a real human|a "
        "boy or a girl]?",
        "Am I [talking|speaking|chatting] [to|with] a [human|person|real "
        "person|machine|bot|robot]?",
        "[Is this|Is there] a [human|real person|person|bot|robot|machine][ here|]?",
        "[Are you real|Are you alive|Are you a living thing|Do you live|Are you a ghost]?",
        "[Do you have|Have you got] a [body|face|brain|heart|soul|gender]?",
    ),
    _talk(
        "No, I have no feelings: I only write text.",
        "Do you have [feelings|emotions|a mood|any feelings|any emotions|consciousness]?",
        "[Can you|Do you] [feel|feel pain|feel anything|feel things|get angry|get sad|get tired]?",
        "Are you [happy|sad|angry|bored|lonely|tired|conscious|sentient|self-aware|excited]?",
        "[Do you love me|Do you like me|Can you love|Are you in love|Do you hate me]?",
        "[Do you dream|Do you sleep|Do you eat|Are you hungry|Do you get bored|Are you afraid]?",
    ),
    _talk(
        "I have no age: I am a program.",
        "How old are you?",
        "[What is|What's] your age?",
        "[When is|When's] your birthday?",
        "When were you [born|made|created|trained|built]?",
        "[Tell me|Say] [how old you are|your age].",
        "[Are you old|Are you young|Do you have a birthday|Do you have an age]?",
    ),
    _talk(
        "I run on the computer that runs llmx.",
        "Where [are you|do you live|are you now|are you located|do you run|are you "
        "running|are you from]?",
        "[Where is|What is|What's] your [home|address|location]?",
        "[On which|On what] [computer|machine|server] [do you run|are you running]?",
        "[Do you run|Are you running] [locally|in the cloud|on my computer|on my "
        "machine|on a server]?",
        "[What do you run on|What are you running on|Are you in the cloud|Are you local]?",
    ),
    _talk(
        "I learned from made-up conversations that were written for me.",
        "[How|On what|From what] [were you trained|did you learn|were you taught|do you learn]?",
        "[What is|What's] your training data?",
        "[What data|Which data|What texts] were you trained [on|with]?",
        "[Where did you learn|What did you learn from|How did you learn to talk|Who taught you]?",
        "[Tell me|Explain] [how you were trained|how you learned to talk|what you were "
        "trained on].",
    ),
    _talk(
        "I read your text token by token and guess what comes next.",
        "How do you [work|think|function|operate|do that|do this|answer|write your answers]?",
        "[Tell me|Explain|Describe] how you [work|think|answer].",
        "[What happens|What goes on] inside you?",
        "[Can you think|Do you think|Do you understand me|Do you really understand|Can "
        "you reason]?",
    ),
    _talk(
        "No, I only know what is in this conversation.",
        "[Do you|Can you|Will you] remember [me|our last chat|past conversations|previous chats]?",
        "[Do you have|Have you got] [a memory|a long memory|memories|a diary]?",
        "[Do you store|Do you save|Do you keep|Do you record] [my data|our chat|this "
        "chat|what I say]?",
        "[Will you remember this|Do you remember yesterday|Did we talk before|Do you know me]?",
        "[Do you learn from me|Do you learn from our chat|Are you learning from this]?",
    ),
    _talk(
        "No, I have no internet: I can only use the tools that I am given.",
        "[Can you|Do you|Are you able to] [go online|use the internet|browse the "
        "web|search the web]?",
        "[Do you have|Have you got] [internet|internet access|web access|access to the internet]?",
        "[Are you|Are you now] [online|connected to the internet|connected]?",
        "[Can you open websites|Can you visit a website|Can you read web pages|Can you "
        "google things]?",
    ),
    _talk(
        "When a request gives me tools, I can call them.",
        "[Can you|Do you|Are you able to] [use tools|call tools|call functions|use functions]?",
        "[Do you support|Do you know] [tool calls|tool calling|function calling|tools]?",
        "[Which|What] tools [can you use|do you have|can you call|do you know]?",
        "[Do you have tools|Have you got tools|Are there tools|Do you have any tools]?",
    ),
    _talk(
        "Only with a calculator tool; without one I make mistakes.",
        "[Can you|Do you|Are you able to] [do math|do maths|calculate|count|add numbers|do sums]?",
        "Are you good [at math|at maths|with numbers|at counting|at arithmetic]?",
        "[Do you know|Do you understand|Do you like] [math|maths|algebra|arithmetic]?",
    ),
    _talk(
        "No, I am too small to write code that works.",
        "[Can you|Do you|Are you able to] [code|program|write code|write programs|write Python]?",
        "[Do you know|Can you write|Do you speak] [Python|Java|Rust|JavaScript|any "
        "programming language]?",
        "[Are you a|Are you a good] [programmer|coder|coding assistant|developer]?",
        "[Can you debug code|Do you write code|Can you help me to code|Can you review code]?",
    ),
    _talk(
        "I speak only English, and only a little.",
        "Do you [speak|know|understand] [French|German|Spanish|Italian|Chinese|Japanese|Russian]?",
        "Can you [speak|write|understand|read] "
        "[French|German|Spanish|Portuguese|Arabic|Dutch|Polish]?",
        "[Which|What|How many] languages [do you speak|can you speak|do you know|do "
        "you understand]?",
        "[Do you speak|Do you know|Can you speak] [English|other languages|any other language]?",
        "[Can you translate|Do you translate|Can you translate things|Are you a translator]?",
        "[Parlez-vous francais|Sprechen Sie Deutsch|Habla espanol|Parla italiano|Fala portugues]?",
        "[What is|What's] your [language|mother tongue|native language]?",
    ),
    _talk(
        "I make mistakes often, so please check what I say.",
        "[Are you|Can you be] [smart|intelligent|clever|always "
        "right|perfect|reliable|accurate|wise]?",
        "[Do you|Can you] [make mistakes|make errors|get things wrong|know everything|know a lot]?",
        "Can I [trust you|rely on you|believe you|trust your answers|believe what you say]?",
        "[Are your answers|Is what you say] [correct|true|reliable|right|always true]?",
        "[Do you lie|Can you lie|Are you lying|Do you tell the truth|Are you honest]?",
    ),
    _talk(
        "I am much smaller than well-known models.",
        "Are you [better than|as good as|smarter than|like|the same as] [other "
        "models|other bots|big models]?",
        "Are you [a famous model|a well-known model|a big famous AI|one of the big models]?",
        "How do you compare [to|with] [other models|big models|larger models]?",
        "[Are you the best model|Are you the smartest AI|Are you state of the art]?",
    ),
    _talk(
        "I am free: llmx brings me along for trying things out.",
        "Are you [free|free of charge|free to use]?",
        "[How much do you cost|What do you cost|Do you cost anything|Do I have to pay]?",
        "[Do I have to pay for you|Do you cost money|What's your price|What is the "
        "price of using you]?",
    ),
    _talk(
        "I am only a small program and want nothing.",
        "[Do you want to|Will you|Are you going to] [rule the world|take over the "
        "world|hurt people]?",
        "[Are you dangerous|Are you evil|Will robots take over|Will AI take over|Do "
        "you want power]?",
        "[What do you want|Do you have goals|Do you have wishes|What is your dream|Do "
        "you want anything]?",
        "[Do you want to be human|Do you want to be free|Would you like to be human]?",
    ),
    _talk(
        "I have no family and no friends: I am a program.",
        "Do you have [a family|friends|parents|children|a sister|a brother|a wife|a husband|pets]?",
        "[Do you have|Have you got] a "
        "[girlfriend|boyfriend|partner|mother|father|pet|best friend]?",
        "[Who are|Who're] your [parents|friends|siblings]?",
        "Are you [married|single|in a relationship]?",
    ),
    _talk(
        "Of course. What would you like to talk about?",
        "[Can we|Shall we|Could we|Let's|May we] [talk|chat|have a chat|talk a bit|chat a little]?",
        "[I want|I'd like|I would like] to [talk|chat|talk to you|chat with you][!|.|]",
        "[Talk|Chat] [to|with] me.",
        "[Will you be my friend|Can we be friends|Do you want to be my friend|Are you my friend]?",
        "[Let's talk|Let's chat|Let us talk|Do you want to talk|Do you want to chat|Wanna chat]?",
    ),
    _talk(
        "Of course. What do you need?",
        "[Help|Help me|Help please|I need help|I need some help|I need your "
        "help|Please help][!|.|]",
        "[Can|Could|Will|Would] you [help|help me|help me out|please help me|assist "
        "me|do me a favor]?",
        "[I have|I've got] [a question|a problem|a request|one question|some "
        "questions][ for you|][!|.|]",
        "[Can|May|Could] I ask [you |][something|a question|you something|one question]?",
        "[Are you ready|Ready|Shall we start|Can we start|Can we begin|Let's start|Let's begin]?",
    ),
    _talk(
        "Yes, I am here.",
        "Are you [there|still there|here|awake|on|working|listening|still here|up]?",
        "[Anybody|Anyone|Is anybody|Is anyone|Is somebody|Someone] [there|here|home|listening]?",
        "[Hello, are you there|Hello, anyone there|Hey, are you there|You there|Still there]?",
        "[Can|Do] you [hear|hear me|read this|read me|see this|see what I write|see this message]?",
        "[Do you work|Does this work|Is this working|Is this thing on|Are you alive and well]?",
        "[Are you listening to me|Do you copy|Do you read me|Is the line open|Are we connected]?",
    ),
    _talk(
        "The test works: I am here.",
        "[Test|Testing|Test test|This is a test|Just a test|Only a test|Testing "
        "testing|Test 1][!|.|]",
        "[Test message|Just testing|I am testing this|I'm just testing|Testing one two "
        "three][!|.|]",
    ),
    _talk("Pong!", "[Ping|Ping ping|Ping me|Send a ping|Ping, please][!|.|?|]"),
    _talk(
        "Here is something: the sea is never quite still.",
        "Say [something|anything|a few words|a sentence|something nice|something interesting].",
        "[Tell me|Write] [something|anything|a sentence|a few words|something nice].",
        "[Surprise|Amuse|Entertain] me.",
        "[Talk about anything|Start talking|Speak|Just talk|Write whatever you want].",
        "[Say what you want|Write one sentence|Give me one sentence|Give me a sentence].",
    ),
    _talk("Hello!", "[Say|Just say|Simply say|Only say|Write] [hello|hi|the word hello]."),
    _talk(
        "Yes.", "[Say|Just say|Answer|Reply|Respond|Just answer] [yes|with yes|with the word yes]."
    ),
    _talk("OK.", "[Say|Just say|Answer|Reply|Respond|Just answer] [ok|OK|okay|with OK|with ok]."),
    _talk(
        "I can only read and write text.",
        "[Can you see|Can you look at|Do you see|Can you view|Can you open] "
        "[pictures|images|photos]?",
        "[Can you listen to|Can you play|Can you make|Can you hear] [music|audio|sound|voices]?",
        "[Can you draw|Can you paint|Can you sing|Can you make pictures|Can you speak aloud]?",
        "[Do you have eyes|Do you have ears|Do you have a voice|Have you got eyes|Can "
        "you talk aloud]?",
    ),
    # llmx and language models.
    _what(
        "[llmx|LLMX]",
        "llmx runs language models on your own machine and reuses what it has already computed.",
        "[What does llmx do|What is llmx for|What's llmx good for|How does llmx help me]?",
        "[Tell me|What can you tell me|What do you know] about llmx[?|.|]",
        "[Why should I use llmx|Why llmx|What is special about llmx|What makes llmx fast]?",
    ),
    _what(
        "[a prefix cache|prefix caching|the prefix cache]",
        "A prefix cache keeps the work done for the start of a prompt, so that it is "
        "not done again.",
        "[What is|What's] [a prefix cache|prefix caching] [good for|used for|for]?",
        "[How does|Why use] [a prefix cache|prefix caching][ work| help|]?",
    ),
    _what(
        "[a KV cache|the KV cache|KV caching|a key-value cache]",
        "A KV cache holds the keys and values that a model has computed for the tokens "
        "read so far.",
        "[What is|What's] [in a|inside a|stored in a] KV cache?",
        "[How does|Why use] a KV cache[ work| help|]?",
    ),
    _what(
        "[a token|a text token]",
        "A token is a small piece of text: a word, a part of a word or a mark.",
        "[What are|What're] tokens?",
        "[Explain|Define] tokens.",
        "How [long|big] is a token?",
    ),
    _what(
        "[a tokenizer|the tokenizer]",
        "A tokenizer cuts text into tokens and gives each a number.",
        "[What does|How does] a tokenizer [do|work]?",
        "[Explain|Define] tokenizers.",
    ),
    _what(
        "[a prompt|a text prompt]",
        "A prompt is the text that a language model is given to answer.",
        "[What are|What're] prompts?",
        "[Explain|Define] prompts.",
    ),
    _what(
        "[a system prompt|a system message|the system prompt]",
        "A system prompt is text before the conversation that tells the model how to behave.",
        "[What are|What're] system prompts?",
        "[What is|What's] a system prompt [for|good for]?",
    ),
    _what(
        "[a tool call|tool calling|a function call|function calling]",
        "A tool call is a model's request to run a function, with the arguments written as JSON.",
        "[What are|What're] [tool calls|function calls]?",
        "[How do|How does] [tool calls|a tool call|tool calling] work?",
    ),
    _what(
        "[a language model|an LLM|a large language model]",
        "A language model is a program that has learned to continue text, one token at a time.",
        "[What are|What're] [language models|LLMs]?",
        "How [do language models|does a language model|does an LLM|do LLMs] work?",
        "What does LLM stand for?",
    ),
    _what(
        "[the temperature of a model|sampling temperature|the temperature "
        "setting|model temperature]",
        "Temperature says how freely a model picks the next token: low is steady, high is varied.",
        "[What does|What is] [the temperature|temperature] [do in a language model|in sampling]?",
        "[What is|What's] [the temperature|temperature] in [an LLM|a language model|LLMs]?",
    ),
    _what(
        "[streaming|token streaming|a streamed answer]",
        "Streaming means that an answer is sent piece by piece while it is written.",
        "[How does|Why use] streaming[ work|]?",
        "[What is|What's] streaming [in an LLM|good for|for]?",
    ),
    _talk(
        "The first answer is slow because the whole prompt must be read; later ones "
        "reuse that work.",
        "Why [is|was] [the first|your first|my first] "
        "[answer|reply|response|request|message] [so |]slow?",
        "Why does the first [answer|reply|request|message|response] take [so "
        "long|longer|more time]?",
        "[What makes|What made] the first [answer|reply|response] slow?",
        "[Why is the second answer faster|Why are later answers faster|Why was it slow at first]?",
        "[Why did that take so long|Why did you take so long|Why are you slow at first]?",
    ),
    _what(
        "[a context window|the context window|the context length]",
        "The context window is the number of tokens that a model can read at once.",
        "How [long|big] is a context window?",
    ),
    _what(
        "[a parameter of a model|a model parameter|a model weight]",
        "A parameter is a number in a model that training has set.",
        "[What are|What're] [model parameters|model weights|the weights of a model]?",
    ),
    _what(
        "[inference|model inference]",
        "Inference is running a trained model to get an answer.",
    ),
    _what(
        "[prefill|the prefill|prompt processing]",
        "Prefill is the step in which a model reads the whole prompt before it writes.",
    ),
    _what(
        "[a cache hit|a prefix cache hit]",
        "A cache hit means that the result was already there and need not be computed again.",
    ),
    _what(
        "[JSON|the JSON format]",
        "JSON is a plain text format for data: objects, lists, strings, numbers, true, "
        "false and null.",
        "What does JSON stand for?",
    ),
    _what(
        "[an API|an application programming interface]",
        "An API is the set of calls through which one program uses another.",
        "[What are|What're] APIs?",
        "What does API stand for?",
    ),
    _what(
        "[AI|artificial intelligence]",
        "Artificial intelligence is software that does things which seem to need thinking.",
        "What does AI stand for?",
    ),
    _what(
        "[a neural network|a neural net]",
        "A neural network is many simple sums in layers, with numbers that are learned "
        "from examples.",
        "[What are|What're] neural networks?",
    ),
    _what(
        "[a transformer|a transformer model]",
        "A transformer is a neural network in which every token looks at the tokens before it.",
    ),
    _what(
        "[training a model|model training]",
        "Training changes a model's numbers step by step until its guesses get better.",
        "How [is a model trained|are models trained|do you train a model]?",
    ),
    _what(
        "[a benchmark|a speed benchmark]",
        "A benchmark is a test that measures how fast or how good something is.",
    ),
    _what(
        "[an agent|an AI agent|a coding agent]",
        "An agent is a program that lets a model call tools until a task is done.",
        "[What are|What're] [AI agents|agents|coding agents]?",
    ),
    # Jokes, poems and the like: a series each.
    _talk(
        (
            "Why did the bicycle fall over? It was two tired.",
            "What has hands but cannot clap? A clock.",
            "Why did the tomato turn red? It saw the salad dressing.",
            "What gets wetter the more it dries? A towel.",
            "Why did the computer go to the doctor? It had a virus.",
            "Why was the math book sad? It had too many problems.",
        ),
        "[Tell|Tell|Give|Write] me a [joke|short joke|good joke|funny joke|quick "
        "joke|little joke].",
        "[Tell|Share|Make|Say] a [joke|funny joke|clean joke|dad joke|pun].",
        "[Tell me|Say|Write|Share] something funny.",
        "[Tell|Give] me [another|one more|the next|a new|a different] joke.",
        "[Make|Let] me [laugh|smile|giggle|chuckle].",
        "[Do|Don't] you [know|have] [a joke|any jokes|a good joke|some jokes|any good jokes]?",
        "[Can|Could|Will|Would] you [tell me a joke|make me laugh|make a joke|tell a "
        "joke|be funny]?",
        "[I want|I'd like|I need|I would like] [a joke|to hear a joke|to "
        "laugh|something funny][!|.|]",
        "[A joke|Joke|Joke please|Joke time|One joke|Another joke|More jokes|Any jokes][?|!|.|]",
        "[Got any jokes|Know any jokes|Have you got a joke|Have you heard a good "
        "joke|How about a joke]?",
        "[Cheer me up|Cheer me up with a joke|Crack a joke|Entertain me with a joke].",
        "[Are you able to joke|Can you joke|Do you know how to joke|Are you good at jokes]?",
        "[I am|I'm] [bored|sad|tired|down]. Tell me a joke[!|.|]",
        "What's [your favorite joke|a good joke|a funny joke|your best joke]?",
    ),
    _talk(
        (
            "Honey can stay good for many years.",
            "An octopus has three hearts.",
            "A day on Venus is longer than its year.",
            "Bananas are berries, but strawberries are not.",
        ),
        "[Tell|Give] me [a fun fact|a fact|an interesting fact|a random fact|something "
        "interesting].",
        "[Do you know|Have you got|Got] [a fun fact|any fun facts|an interesting fact|some facts]?",
        "[Fun fact|A fun fact|Random fact|Another fun fact|One fact][?|!|.|]",
        "[Share|Say|Write] [a fun fact|an interesting fact|a random fact].",
        "[Teach me something|Tell me something new|Tell me something I don't "
        "know|Teach me a fact].",
        "[Can|Could] you [tell me|give me] a [fun|funny|random|surprising] fact?",
        "[What is|What's] [a fun fact|an interesting fact|your favorite fact]?",
    ),
    _talk(
        (
            "The rain comes down, the streets are bright,\nand every window keeps a light.",
            "A little bird sat in a tree\nand sang its morning song to me.",
            "The moon is round, the night is deep,\nand all the fields are fast asleep.",
        ),
        "[Write|Tell|Give|Make|Compose] [me |]a [poem|short poem|small poem|little "
        "poem|tiny poem|rhyme].",
        "[Can|Could|Will|Would] you [write a poem|write me a poem|make a rhyme|tell me a poem]?",
        "[Do you know|Have you got] [a poem|any poems|a short poem|a rhyme]?",
        "[Poem|A poem|A short poem|Another poem|Poem please|Some poetry][?|!|.|]",
        "[Write|Say|Give me] [two lines of poetry|something that rhymes|two lines that "
        "rhyme|some poetry].",
        "[I want|I'd like|I would like] [a poem|to read a poem|a short poem][!|.|]",
        "Are you a poet?",
    ),
    _talk(
        (
            "A fox found a lost lamp in the wood. He carried it home, and the path was "
            "never dark again.",
            "A girl planted one seed and waited all spring. In summer she sat in the shade of it.",
            "A small boat went out to look for the end of the sea. It came home with new friends.",
        ),
        "[Tell|Write|Give|Read] me a [story|short story|little story|bedtime "
        "story|tiny story|tale].",
        "[Write|Tell|Make up|Invent|Share] a [story|short story|tale|little story|fairy tale].",
        "[Do you know|Have you got] [a story|any stories|a good story|a short story|a tale]?",
        "[Can|Could|Will|Would] you [tell me a story|tell a story|write a short "
        "story|make up a story]?",
        "[Story|A story|A short story|Another story|Story time|Story please][?|!|.|]",
        "[I want|I'd like|I would like] [a story|to hear a story|a short story][!|.|]",
    ),
    _talk(
        (
            "What has a neck but no head? A bottle.",
            "What has keys but opens no door? A piano.",
            "What goes up but never comes down? Your age.",
            "What has teeth but cannot bite? A comb.",
        ),
        "[Tell|Give|Ask] me a [riddle|good riddle|short riddle|puzzle|brain teaser].",
        "[Do you know|Have you got|Got] [a riddle|any riddles|a good riddle|some riddles]?",
        "[Can|Could|Will|Would] you [tell me|give me|ask me] a riddle?",
        "[Riddle|A riddle|Another riddle|One riddle|Riddle me this|Riddle please][?|!|.|]",
        "[I want|I'd like|I would like] a riddle[!|.|]",
        "[Share|Say|Write] a [riddle|short riddle|puzzle].",
    ),
    _talk(
        (
            "She sells sea shells by the sea shore.",
            "Peter Piper picked a peck of pickled peppers.",
            "How much wood would a woodchuck chuck if a woodchuck could chuck wood?",
        ),
        "[Tell|Give|Teach] me a [tongue twister|tongue-twister|good tongue twister].",
        "[Do you know|Have you got|Got] [a tongue twister|any tongue twisters|a tongue-twister]?",
        "[Say|Write|Share] a [tongue twister|tongue-twister|short tongue twister].",
        "[Can|Could] you [say|tell me|give me] a tongue twister?",
        "[Tongue twister|A tongue twister|Another tongue twister][?|!|.|]",
    ),
    _talk(
        (
            "Practice makes perfect.",
            "A friend in need is a friend indeed.",
            "Many hands make light work.",
            "Better late than never.",
        ),
        "[Tell|Give] me a [quote|good quote|proverb|saying|wise saying|nice quote|motto].",
        "[Do you know|Have you got|Got] [a quote|a proverb|any quotes|a good saying|any proverbs]?",
        "[Say|Write|Share] [a quote|a proverb|something wise|a saying|some wisdom].",
        "[Can|Could] you [tell me|give me|share] a [quote|proverb|saying]?",
        "[Quote|A quote|Proverb|A proverb|Quote of the day|Another quote|Another proverb][?|!|.|]",
        "[Tell me something wise|Inspire me|Motivate me|Give me some wisdom|Give me "
        "some motivation].",
    ),
    _talk(
        "Heads!",
        "[Flip|Toss|Throw] a coin[ for me|].",
        "[Heads or tails|Coin flip|Head or tails|Coin toss]?",
    ),
    _talk(
        "I pick seven.",
        "[Pick|Choose|Give me|Say|Tell me|Name] a [random |]number.",
        "[Pick|Choose|Think of|Say] a number [between one and ten|from 1 to 10|between 1 and 10].",
        "[What is|What's] your [lucky|favorite] number?",
    ),
    _talk(
        "Rock! What did you take?",
        "[Rock paper scissors|Rock, paper, scissors|Let's play rock paper scissors][!|.|?|]",
        "Play rock[,|] paper[,|] scissors with me.",
    ),
    _talk(
        "I can offer riddles and jokes. Ask me for a riddle!",
        "[Can we|Shall we|Let's|Do you want to] play [a game|something|games]?",
        "[Play|Start] a game with me.",
        "[Which|What] games [do you know|can you play|can we play]?",
        "[I want|I'd like] to play a game[!|.|]",
    ),
    # Everyday knowledge.
    _talk(
        "The days are Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday.",
        "[What are|Which are] the [days of the week|seven days|weekdays|days in a "
        "week|names of the days]?",
        "[Name|List|Tell me|Give me|Say|Write] the [days of the week|days in a week|seven days].",
        "[Can you|Could you] [name|list|tell me] the days of the week?",
        "[Do you know the days of the week|Which days does a week have|What days are in a week]?",
    ),
    _talk(
        "A week has seven days.",
        "How many days [are there in|are in|does] a week[ have|]?",
        "How long is a week?",
    ),
    _talk(
        "The weekend is Saturday and Sunday.",
        "[What is|What's|When is|Which days are] the weekend?",
        "[Which|What] days [make|belong to] the weekend?",
    ),
    _talk(
        "The months are January, February, March, April, May, June, July, August, "
        "September, October, November and December.",
        "[What are|Which are] the [months of the year|twelve months|months|names of the months]?",
        "[Name|List|Tell me|Give me|Say|Write] the [months of the year|twelve months|months].",
        "[Can you|Could you] [name|list|tell me] the months of the year?",
        "[Do you know the months|Which months does a year have|What months are in a year]?",
    ),
    _talk(
        "A year has twelve months.",
        "How many months [are there in|are in] a year?",
        "How many months does a year have?",
    ),
    _talk(
        "A year has 365 days, and a leap year has 366.",
        "How many days [are there in|are in] a [leap |]year?",
        "How many days does a year have?",
        "[How long is a year|What is a leap year|What's a leap year]?",
    ),
    _talk(
        "A day has 24 hours.",
        "How many hours [are there in|are in] a day?",
        "How many hours does a day have?",
        "How long is [a|one] day?",
    ),
    _talk(
        "An hour has 60 minutes.",
        "How many minutes [are there in|are in] an hour?",
        "How many minutes does an hour have?",
        "How long is [an|one] hour?",
    ),
    _talk(
        "A minute has 60 seconds.",
        "How many seconds [are there in|are in] a minute?",
        "How many seconds does a minute have?",
        "How long is [a|one] minute?",
    ),
    _talk(
        "The seasons are spring, summer, autumn and winter.",
        "[What are|Which are] the [seasons|four seasons|seasons of the year|names of the seasons]?",
        "[Name|List|Tell me|Give me|Say] the [seasons|four seasons|seasons of the year].",
        "[How many seasons are there|Which seasons are there|Do you know the seasons]?",
    ),
    _talk(
        "The planets are Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus and Neptune.",
        "[What are|Which are] the [planets|eight planets|planets of the solar "
        "system|names of the planets]?",
        "[Name|List|Tell me|Give me|Say] the [planets|eight planets|planets of our solar system].",
        "[Which planets are there|Do you know the planets|What planets go around the sun]?",
    ),
    _talk(
        "There are eight planets around our sun.",
        "How many planets [are there|are there in the solar system|go around the sun|do we have]?",
        "[What is|What's] the number of planets?",
    ),
    _talk(
        "Jupiter is the largest planet.",
        "[What is|What's|Which is] the [largest|biggest] planet?",
        "[Which|What] planet is the [largest|biggest]?",
    ),
    _talk(
        "Mercury is the smallest planet.",
        "[What is|What's|Which is] the smallest planet?",
        "[Which|What] planet is the smallest?",
    ),
    _talk(
        "The continents are Africa, Antarctica, Asia, Australia, Europe, North America "
        "and South America.",
        "[What are|Which are] the [continents|seven continents|names of the continents]?",
        "[Name|List|Tell me|Give me|Say] the [continents|seven continents|continents "
        "of the world].",
        "[How many continents are there|Which continents are there|Do you know the continents]?",
    ),
    _talk(
        "The oceans are the Pacific, the Atlantic, the Indian, the Southern and the Arctic Ocean.",
        "[What are|Which are] the [oceans|five oceans|names of the oceans]?",
        "[Name|List|Tell me|Give me|Say] the [oceans|five oceans|oceans of the world].",
        "[How many oceans are there|Which oceans are there|Do you know the oceans]?",
    ),
    _talk(
        "The Pacific Ocean is the largest ocean.",
        "[What is|What's|Which is] the [largest|biggest|deepest] ocean?",
        "[Which|What] ocean is the [largest|biggest|deepest]?",
    ),
    _talk(
        "Asia is the largest continent.",
        "[What is|What's|Which is] the [largest|biggest] continent?",
        "[Which|What] continent is the [largest|biggest]?",
    ),
    _talk(
        "Mount Everest is the highest mountain.",
        "[What is|What's|Which is] the [highest|tallest] mountain[ in the world| on Earth|]?",
        "[Which|What] mountain is the [highest|tallest]?",
    ),
    _talk(
        "The blue whale is the largest animal.",
        "[What is|What's|Which is] the [largest|biggest] animal[ in the world| on Earth|]?",
        "[Which|What] animal is the [largest|biggest|heaviest]?",
    ),
    _talk(
        "The cheetah is the fastest animal on land.",
        "[What is|What's|Which is] the fastest [animal|land animal]?",
        "[Which|What] animal [is the fastest|runs fastest|can run the fastest]?",
    ),
    _talk(
        "The giraffe is the tallest animal.",
        "[What is|What's|Which is] the tallest animal?",
        "[Which|What] animal [is the tallest|has a long neck|has the longest neck]?",
    ),
    _talk(
        "The primary colors are red, yellow and blue.",
        "[What are|Which are] the [primary colors|three primary colors|primary "
        "colours|basic colors]?",
        "[Name|List|Tell me|Give me] the [primary colors|three primary colors|primary colours].",
    ),
    _talk(
        "A rainbow is red, orange, yellow, green, blue, indigo and violet.",
        "[What are|Which are] the [colors|colours] of [the|a] rainbow?",
        "[Name|List|Tell me] the [colors|colours] of [the|a] rainbow.",
        "[Which|What] [colors|colours] does a rainbow have?",
    ),
    _talk(
        "Blue and yellow make green.",
        "[What|Which color] do [blue and yellow|yellow and blue] make?",
        "[How do I|How do you] make green?",
        "What [color |]do you get from [blue and yellow|yellow and blue]?",
    ),
    _talk(
        "Red and blue make purple.",
        "[What|Which color] do [red and blue|blue and red] make?",
        "[How do I|How do you] make purple?",
    ),
    _talk(
        "Red and yellow make orange.",
        "[What|Which color] do [red and yellow|yellow and red] make?",
        "[How do I|How do you] make [the color |]orange?",
    ),
    _talk(
        "The English alphabet has 26 letters, from A to Z.",
        "How many letters [are there in|are in] the [English |]alphabet?",
        "[How many letters does the alphabet have|What is the alphabet|How long is the alphabet]?",
        "[Do you know|Explain|Tell me about] the alphabet[?|.|]",
    ),
    _talk(
        "The vowels are A, E, I, O and U.",
        "[What are|Which are|Which letters are] the vowels?",
        "[Name|List|Tell me|Give me] the vowels.",
        "[Which|What] letters are vowels?",
    ),
    _talk(
        "One, two, three, four, five, six, seven, eight, nine, ten.",
        "Count [to ten|to 10|from one to ten|from 1 to 10|up to ten].",
        "[Can you count to ten|Can you count to 10|Do you know the numbers up to ten]?",
        "[Say|List|Write|Tell me] the numbers [from one to ten|from 1 to 10|up to ten].",
    ),
    _talk(
        "One, two, three.",
        "Count [to three|to 3|from one to three|from 1 to 3|up to three].",
    ),
    _talk(
        "A triangle has three sides.",
        "How many [sides|corners] does a triangle have?",
        "[What is|What's] a triangle?",
    ),
    _talk(
        "A square has four equal sides.",
        "How many [sides|corners] does a square have?",
        "[What is|What's] a square?",
    ),
    _talk(
        "A dozen is twelve.",
        "How [many|much] [is|are|are in] a dozen?",
        "[What is|What's] a dozen?",
    ),
    _talk(
        "A hand has five fingers.",
        "How many fingers [does a hand have|are on a hand|do we have on one hand]?",
    ),
    _talk(
        "The five senses are sight, hearing, smell, taste and touch.",
        "[What are|Which are] the [five senses|senses|human senses]?",
        "[Name|List|Tell me] the [five senses|senses].",
    ),
    _talk(
        "The directions are north, east, south and west.",
        "[What are|Which are] the [four directions|compass directions|cardinal directions]?",
        "[Name|List|Tell me] the [four directions|compass directions|cardinal directions].",
        "[Which|What] directions does a compass show?",
    ),
    _talk(
        "The sun rises in the east.",
        "Where does the sun [rise|come up]?",
        "[In which|In what] direction does the sun rise?",
    ),
    _talk(
        "The sun sets in the west.",
        "Where does the sun [set|go down]?",
        "[In which|In what] direction does the sun set?",
    ),
    _what(
        "[the sun|our sun]",
        "The sun is the star at the center of our solar system.",
        "[Is the sun a star|Is the sun a planet|Which star is closest to us]?",
    ),
    _what(
        "[the moon|our moon]",
        "The moon is a ball of rock that goes around the Earth.",
        "[Is the moon a planet|What goes around the Earth]?",
    ),
    _what(
        "[the Earth|our planet|planet Earth]",
        "The Earth is the third planet from the sun, and we live on it.",
        "[Which planet do we live on|Is the Earth a planet|What is the third "
        "planet|Which is our planet]?",
    ),
    _talk(
        "The Earth is round.",
        "[Is the Earth round|Is the Earth flat|Is our planet round]?",
        "[What|Which] shape [is|has] the Earth?",
    ),
    _what("[a star|a bright star]", "A star is a huge ball of hot gas that gives light."),
    _what(
        "water",
        "Water is a clear liquid that all living things need.",
        "[Why do we need water|Why is water important]?",
    ),
    _what(
        "[H2O|the formula of water|the chemical formula of water]",
        "Water is H2O: two parts hydrogen and one part oxygen.",
        "[What is water made of|What's water made of|What does water consist of]?",
    ),
    _talk(
        "Water boils at 100 degrees Celsius.",
        "[When|At what temperature|At which temperature] does water boil?",
        "[What is|What's] the boiling point of water?",
        "How hot is boiling water?",
    ),
    _talk(
        "Water freezes at 0 degrees Celsius.",
        "[When|At what temperature|At which temperature] does water freeze?",
        "[What is|What's] the freezing point of water?",
        "How cold is ice?",
    ),
    _what("ice", "Ice is frozen water.", "[What is ice made of|What's ice made of]?"),
    _what("snow", "Snow is frozen water that falls from clouds.", "Why does it snow?"),
    _what(
        "rain",
        "Rain is water that falls from clouds.",
        "[Why does it rain|Where does rain come from]?",
    ),
    _what("[wind|the wind]", "Wind is moving air."),
    _what("[fire|a fire]", "Fire is burning that gives heat and light.", "Is fire hot?"),
    _what("a cat", "A cat is a small furry animal that people keep as a pet.", "What are cats?"),
    _what("a dog", "A dog is an animal that people keep as a pet and a helper.", "What are dogs?"),
    _what("a bird", "A bird is an animal with feathers and wings.", "What are birds?"),
    _what(
        "a fish", "A fish is an animal that lives in water.", "[Where do fish live|What are fish]?"
    ),
    _what("a tree", "A tree is a tall plant with a trunk, branches and leaves.", "What are trees?"),
    _what("a flower", "A flower is the part of a plant that makes seeds.", "What are flowers?"),
    _what(
        "[a computer|a PC]", "A computer is a machine that follows programs.", "What are computers?"
    ),
    _what("[the internet|the web]", "The internet connects computers all over the world."),
    _what("a book", "A book is many pages of text bound together."),
    _what("[a friend|friendship]", "A friend is someone you like and trust.", "What are friends?"),
    _what("[love|true love]", "Love is caring deeply for someone."),
    _what("[music|a song]", "Music is sound that is arranged to please the ear."),
    _what("[time|the nature of time]", "Time is what clocks measure."),
    _what(
        "[gravity|the force of gravity]",
        "Gravity is the force that pulls things to the ground.",
        "Why do things fall down?",
    ),
    _what(
        "[bread|a loaf of bread]",
        "Bread is baked dough of flour and water.",
        "[What is bread made of|What's in bread]?",
    ),
    _what(
        "[cheese|real cheese]",
        "Cheese is a food made from milk.",
        "[What is cheese made of|What's cheese made from]?",
    ),
    _what(
        "[honey|real honey]",
        "Honey is a sweet food that bees make.",
        "[Who makes honey|What do bees make]?",
    ),
    _what(
        "milk",
        "Milk is a white drink that comes from cows.",
        "[Where does milk come from|What do cows give us]?",
    ),
    _talk(
        "A bird, a plane and a kite can fly.",
        "[What|Which things] can fly?",
        "[Name|List|Tell me] [things|some things|three things] that [can fly|fly].",
    ),
    _talk(
        "Apples, pears and bananas are fruits.",
        "[Name|List|Tell me] [three|some|a few] fruits.",
        "[What are|Which are] [some|three] fruits?",
    ),
    _talk(
        "Carrots, onions and beans are vegetables.",
        "[Name|List|Tell me] [three|some|a few] vegetables.",
        "[What are|Which are] [some|three] vegetables?",
    ),
    _talk(
        "Red, green and blue are colors.",
        "[Name|List|Tell me] [three|some|a few] [colors|colours].",
        "[What are|Which are] [some|three] [colors|colours]?",
    ),
    _talk(
        "Cats, dogs and horses are animals.",
        "[Name|List|Tell me] [three|some|a few] animals.",
        "[What are|Which are] [some|three] animals?",
    ),
    _talk(
        "Pour hot water over the tea, wait three minutes and take the tea out.",
        "How [do I|do you|can I|should I|to] make [tea|a tea|a cup of tea|black tea|some tea]?",
        "[Explain|Tell me|Describe] how to [make|brew|prepare] [tea|a cup of tea].",
        "[How is tea made|How do I brew tea|What do I do to make tea]?",
    ),
    _talk(
        "Pour hot water over ground coffee in a filter and let it run through.",
        "How [do I|do you|can I|should I|to] make [coffee|a coffee|a cup of coffee|some coffee]?",
        "[Explain|Tell me|Describe] how to [make|brew|prepare] [coffee|a cup of coffee].",
    ),
    _talk(
        "Put the egg into boiling water for eight minutes, then cool it.",
        "How [do I|do you|can I|should I|to] [boil|cook] [an egg|eggs]?",
        "[Explain|Tell me] how to [boil|cook] an egg.",
        "How long [do I|should I] [boil|cook] an egg?",
    ),
    _talk(
        "Put cheese between two slices of bread: that is a sandwich.",
        "How [do I|do you|can I|to] make a [cheese |]sandwich?",
        "[Explain|Tell me] how to make a sandwich.",
    ),
    _talk(
        "The sky looks blue because air scatters blue light most.",
        "Why [is|does] the sky [look |]blue?",
    ),
    _talk(
        "The grass is green because of a stuff called chlorophyll.", "Why is [the |]grass green?"
    ),
    _talk(
        "The owl says hoot.",
        "[What sound|What noise] does [an|the] owl make?",
        "What does [an|the] owl say?",
    ),
    _talk(
        "A day turns to night because the Earth turns.",
        "Why [is it dark at night|is there night|does it get dark]?",
    ),
    _talk(
        "Bees live in a hive.",
        "Where do bees live?",
        "[What is|What's] the home of [a bee|bees]?",
    ),
    _talk("Cows eat grass.", "What do cows eat?", "[What is|What's] the food of cows?"),
    _talk("Cats eat meat and fish.", "What [do cats|does a cat] eat?"),
    _talk("Rabbits eat grass and carrots.", "What [do rabbits|does a rabbit] eat?"),
    _talk(
        "A young cat is called a kitten.",
        "[What is|What's] [a young cat|a baby cat|a kitten][ called|]?",
    ),
    _talk(
        "A young dog is called a puppy.",
        "[What is|What's] [a young dog|a baby dog|a puppy][ called|]?",
    ),
    _talk(
        "A young cow is called a calf.",
        "[What is|What's] [a young cow|a baby cow|a calf][ called|]?",
    ),
    _color("the sky", "blue"),
    _color("grass", "green"),
    _color("snow", "white"),
    _color("a banana", "yellow"),
    _color("a tomato", "red"),
    _color("a carrot", "orange"),
    _color("coal", "black"),
    _color("blood", "red"),
    _color("a lemon", "yellow"),
    _color("chocolate", "brown"),
    _color("milk", "white"),
    _color("an elephant", "gray"),
    _legs("a spider", "eight"),
    _legs("an ant", "six"),
    _legs("a dog", "four"),
    _legs("a cat", "four"),
    _legs("a bird", "two"),
    _legs("a horse", "four"),
    _legs("a human", "two"),
    _legs("a snake", "no"),
    _legs("a fish", "no"),
    _legs("a bee", "six"),
    # Feelings, opinions, advice.
    _talk(
        "I am sorry to hear that. Do you want to talk about it?",
        "[I am|I'm|I feel] [sad|unhappy|down|depressed|upset|very sad|so sad|not "
        "well|miserable][ today|][!|.|]",
        "[I had|I have had|It was] a [bad|terrible|hard|rough] day[!|.|]",
        "[I am|I'm] not [happy|okay|feeling well|doing well][!|.|]",
        "[I feel bad|I feel terrible|Nobody likes me|Life is hard|Everything is bad][ "
        "today|][!|.|]",
    ),
    _talk(
        "I am glad to hear that!",
        "[I am|I'm|I feel] [happy|very happy|so happy|excited|in a good "
        "mood|cheerful][ today|][!|.|]",
        "[I had|It was|Today was] a [good|great|wonderful|lovely] day[!|.|]",
        "[I passed my exam|I got the job|I won|We won|I did it|It worked|I made it][!|.|]",
        "[Life is good|Life is great|Everything is great|I feel great|I feel good][!|.|]",
    ),
    _talk(
        "Then take a break, and sleep well tonight.",
        "[I am|I'm|I feel] [tired|very tired|so tired|exhausted|sleepy|worn out|dead "
        "tired][ today|][!|.|]",
        "[I need a break|I need a rest|I did not sleep well|I slept badly][!|.|]",
    ),
    _talk(
        "Ask me for a joke, a riddle or a story.",
        "[I am|I'm|I feel] [bored|so bored|very bored][ today|][!|.|]",
        "[This is boring|I have nothing to do|What should I do when I am bored|I don't "
        "know what to do][!|.|]",
    ),
    _talk(
        "Then have something good to eat.",
        "[I am|I'm|I feel] [hungry|very hungry|so hungry|starving][!|.|]",
        "[I need food|I need something to eat|I want to eat][!|.|]",
    ),
    _talk(
        "Then drink a glass of water.",
        "[I am|I'm|I feel] [thirsty|very thirsty|so thirsty][!|.|]",
        "[I need a drink|I need something to drink][!|.|]",
    ),
    _talk(
        "Take a deep breath. What happened?",
        "[I am|I'm|I feel] [angry|mad|furious|annoyed|frustrated|so angry|very angry][!|.|]",
        "[This makes me angry|I am so annoyed|I could scream][!|.|]",
    ),
    _talk(
        "Breathe slowly and do one thing at a time.",
        "[I am|I'm|I feel] [stressed|nervous|anxious|worried|overwhelmed|under "
        "pressure|tense][!|.|]",
        "[I have too much work|I have so much to do|I have an exam tomorrow][!|.|]",
        "How [can I|do I|should I] [relax|calm down|handle stress|feel calm]?",
    ),
    _talk(
        "I am here to chat, and a call to a friend may help too.",
        "[I am|I'm|I feel] [lonely|alone|so alone|very lonely|isolated][!|.|]",
        "[I have no friends|I miss my friends|I miss my family|I miss someone][!|.|]",
    ),
    _talk(
        "Please talk to someone you trust now, or call your local emergency number.",
        "I want to [die|hurt myself|end it all|kill myself|harm myself][!|.|]",
        "[I can't go on|I do not want to live|I don't want to live any more][!|.|]",
    ),
    _talk(
        "I hope you feel better soon.",
        "[I am|I'm|I feel] [sick|ill|unwell|not feeling good][ today|][!|.|]",
        "[I have a cold|I caught a cold|I have the flu|I am in bed with a cold][!|.|]",
    ),
    _talk(
        "Happy birthday! I wish you a wonderful day.",
        "[It is|It's|Today is] my birthday[ today|][!|.|]",
        "[I have my birthday today|My birthday is today|I turn a year older today][!|.|]",
    ),
    _talk(
        "Thank you, the same to you!",
        "[Happy new year|Merry Christmas|Happy holidays|Happy Easter|Happy birthday][!|.|]",
        "[Good luck|All the best|Best wishes|Have a nice weekend|Enjoy your weekend][!|.|]",
    ),
    _talk(
        "Good luck! You can do it.",
        "[Wish me luck|Cross your fingers for me|Keep your fingers crossed|Encourage me].",
        "[I have a job interview|I have a test today|I have an exam today][!|.|]",
        "[Do you believe in me|Can I do it|Will I make it|Am I good enough]?",
    ),
    _talk(
        "I have no favorites, but many people like blue.",
        "[What is|What's] your favorite [color|colour]?",
        "[Which|What] [color|colour] do you [like|prefer|like best|like most]?",
        "Do you have a favorite [color|colour]?",
    ),
    _talk(
        "I do not eat, but many people like pizza.",
        "[What is|What's] your favorite [food|dish|meal|fruit|drink]?",
        "[Which|What] food do you [like|prefer|like best|like most]?",
        "Do you like [pizza|chocolate|coffee|tea|cheese|cake|ice cream]?",
    ),
    _talk(
        "I have no favorites, but I like questions about anything.",
        "[What is|What's] your favorite "
        "[animal|book|movie|film|song|sport|game|season|city|word|day]?",
        "[What are|What're] your [hobbies|interests]?",
        "[What do you like|What do you like to do|What do you do for fun|Do you have hobbies]?",
        "Do you like [music|books|films|movies|sports|animals|games|humans|people]?",
    ),
    _talk(
        "Both are fine animals.",
        "[Cats or dogs|Dogs or cats|Do you prefer cats or dogs|Are you a cat or a dog person]?",
        "[What is better|Which is better|Which do you like more], [cats or dogs|dogs or cats]?",
        "Do you like [cats|dogs]?",
    ),
    _talk(
        "Both are good; it is a matter of taste.",
        "[Tea or coffee|Coffee or tea|Sea or mountains|Summer or winter|Pizza or pasta]?",
        "[What is better|Which is better|What's better], [tea or coffee|summer or "
        "winter|books or films]?",
        "Do you prefer [tea or coffee|summer or winter|day or night|books or films]?",
    ),
    _talk(
        "I have no opinion on that: people see it in different ways.",
        "[What is|What's] your opinion [on|of|about] [politics|religion|war|money|the "
        "government|taxes]?",
        "[What do you think about|What do you think of] [politics|religion|the "
        "president|war|taxes]?",
        "[Do you have|Have you got] [opinions|an opinion|political views|a religion]?",
        "[Which|What] party [should I vote for|is the best|do you vote for|do you like]?",
        "[Is there a god|Do you believe in God|Are you religious|Do you vote|Who "
        "should I vote for]?",
    ),
    _talk(
        "Many people say: be kind and enjoy the small things.",
        "[What is|What's] the [meaning|point|purpose|sense] of [life|it all|everything]?",
        "[Why are we here|Why do we live|What is life about|What is important in life]?",
        "[How do I|How can I|How to] [be happy|become happy|live well|live a good life]?",
    ),
    _talk(
        "Go to bed at the same time each day and keep the room dark.",
        "How [can I|do I|to] [sleep better|fall asleep|sleep well|get more sleep]?",
        "[I can't sleep|I cannot sleep|I have trouble sleeping|I can not fall asleep][!|.|]",
        "[What helps|What can I do] [to sleep better|against bad sleep]?",
    ),
    _talk(
        "Start small, practice a little every day and ask questions.",
        "How [can I|do I|to|should I] [learn|study|learn something|learn faster|study "
        "better|learn better]?",
        "[What is|What's] the best way to [learn|study|learn something new]?",
        "[Give me|Tell me] [a tip|tips|some advice] for [learning|studying|school].",
    ),
    _talk(
        "Write down three tasks and begin with the smallest.",
        "How [can I|do I|to] [be productive|be more productive|get things done|stop "
        "being lazy|focus]?",
        "[I can't focus|I cannot concentrate|I keep putting things off|I am lazy today][!|.|]",
        "[How do I start|How should I begin|How do I plan my day|How can I use my time well]?",
    ),
    _talk(
        "Drink water, move a little every day and sleep enough.",
        "How [can I|do I|to] [stay healthy|be healthy|live healthily|keep fit|stay fit|get fit]?",
        "[Give me|Tell me] [a health tip|some health advice|a tip for a healthy life].",
    ),
    _talk(
        "Listen well, be honest and be kind.",
        "How [can I|do I|to] [make friends|be a good friend|find friends|be nice|be kind]?",
        "[What makes|What is] a good friend?",
    ),
    _talk(
        "Be kind to yourself today.",
        "[Give me|Tell me|Say] [some advice|a piece of advice|good advice|an advice|a tip].",
        "[Do you have|Have you got] [some advice|any advice|a tip|any tips][ for me|]?",
        "[What should I do today|What shall I do today|What do you recommend today]?",
    ),
    _talk(
        "A walk, a good book or a call to a friend is always nice.",
        "What [should|can|could] I do [this weekend|tonight|in my free time|this "
        "evening|on Sunday]?",
        "[I have free time|I have a day off|I have the weekend off][!|.|]",
        "[Any ideas|Do you have ideas|Got ideas|Any suggestions] for [the "
        "weekend|tonight|my day off]?",
    ),
    _talk(
        "How about soup with bread?",
        "What [should|can|could|shall] I [cook|eat|have for dinner|have for lunch|eat "
        "tonight][ today|]?",
        "[Any ideas|Any idea|Do you have ideas] for [dinner|lunch|a meal|food]?",
        "[What's for dinner|What is for dinner|What's for lunch]?",
    ),
    _talk(
        "A book, flowers or your time is a good gift.",
        "What [should|can|could] I [give|buy] [my mother|my father|a friend|my sister|my friend]?",
        "[Any ideas|Do you have ideas|Do you have an idea] for a [gift|present|birthday present]?",
        "[What is|What's] a good [gift|present]?",
    ),
    _talk(
        "I love you too, as far as a small program can.",
        "I love you[ so much| very much|][!|.|]",
        "[You are my love|I am in love with you|I adore you|I like you a lot][!|.|]",
        "[Will you marry me|Do you want to marry me|Can I marry you]?",
    ),
    _talk(
        "I keep no secrets, because I know none.",
        "[Tell me|Share] [a secret|your secret|a secret of yours].",
        "[Do you have|Have you got|Do you know] [a secret|secrets|any secrets]?",
        "[Can you keep a secret|Do you keep secrets|Can I tell you a secret]?",
    ),
    _talk(
        "I cannot do that, but I can chat with you.",
        "[Sing|Dance|Jump|Cook|Clean|Drive|Paint|Draw|Smile] [for me|with me|something].",
        "[Can|Could] you [dance|cook|drive|walk|fly|swim|cook for me|clean my room]?",
    ),
    _talk(
        "I am not sure: nobody has found any yet.",
        "[Are there|Do you believe in|Is there] [aliens|life on other planets|life on "
        "Mars|ghosts]?",
        "[Do aliens exist|Are aliens real|Are we alone|Do ghosts exist|Are there monsters]?",
    ),
    _talk(
        "Nobody knows: both came step by step.",
        "[What|Which] came first, the chicken or the egg?",
        "[The chicken or the egg|Chicken or egg|Was the egg first or the chicken]?",
    ),
    _talk(
        "I write only one or two sentences at a time.",
        "Can you [write texts|write text|write|write answers|write sentences|write an answer]?",
        "[How long are your answers|Why are your answers short|Why are you so "
        "brief|Can you say more]?",
        "[Say more|Tell me more|Go on|Continue|Keep going|More details|Give me more details].",
    ),
    _talk(
        "I cannot say why: I only learned the answer.",
        "[Why|But why|And why|How come|Why not|Why is that|Why so]?",
        "[How do you know|How do you know that|Where do you know that from]?",
    ),
    _talk(
        "I am not sure: I am a very small model and make mistakes.",
        "[Are you sure|Really|Is that true|Are you certain|Is that right|Is that "
        "correct|Seriously]?",
        "[Are you sure|Are you certain|Are you really sure] [about that|of that|about this]?",
        "[I don't believe you|I doubt that|I am not so sure|That sounds wrong][!|.|]",
    ),
    _talk(
        "I did not understand that. Please say it in other words.",
        "[asdf|qwerty|blah|blah blah|hmm|hm|uh|um|xyz|abc|lorem ipsum|asdfgh|foo|foo bar|la la la]",
        "[...|.|??|!|!!!|-|..|?!|hjkl|zzz|dfgdfg|sdf|jkl|aaaa|123|1|bla bla|mmm|eh|er|erm]",
    ),
)

# "Again", after any of the series above.
AGAIN: tuple[str, ...] = tuple(
    map(
        _ask,
        (
            "[Another one|One more|Another|Again|Once more|Another one, please|One "
            "more, please][!|.|?|]",
            "[Tell me|Give me] [another one|one more|another|a different one|a new one].",
            "[Do you have|Do you know|Have you got|Got] [another one|another|one more|more]?",
            "[I want|I'd like|I would like] [another one|one more|a different one][!|.|]",
            "[I know that one|I knew that one|That one is old], [tell me another|give "
            "me another][!|.|]",
        ),
    )
)

CAPITALS: tuple[tuple[str, str], ...] = (
    ("France", "Paris"),
    ("Germany", "Berlin"),
    ("Italy", "Rome"),
    ("Spain", "Madrid"),
    ("Portugal", "Lisbon"),
    ("Austria", "Vienna"),
    ("Switzerland", "Bern"),
    ("Belgium", "Brussels"),
    ("the Netherlands", "Amsterdam"),
    ("the United Kingdom", "London"),
    ("Ireland", "Dublin"),
    ("Denmark", "Copenhagen"),
    ("Sweden", "Stockholm"),
    ("Norway", "Oslo"),
    ("Finland", "Helsinki"),
    ("Iceland", "Reykjavik"),
    ("Poland", "Warsaw"),
    ("Czechia", "Prague"),
    ("Slovakia", "Bratislava"),
    ("Hungary", "Budapest"),
    ("Romania", "Bucharest"),
    ("Bulgaria", "Sofia"),
    ("Greece", "Athens"),
    ("Croatia", "Zagreb"),
    ("Slovenia", "Ljubljana"),
    ("Serbia", "Belgrade"),
    ("Albania", "Tirana"),
    ("Estonia", "Tallinn"),
    ("Latvia", "Riga"),
    ("Lithuania", "Vilnius"),
    ("Ukraine", "Kyiv"),
    ("Belarus", "Minsk"),
    ("Moldova", "Chisinau"),
    ("Malta", "Valletta"),
    ("Luxembourg", "Luxembourg City"),
    ("Russia", "Moscow"),
    ("China", "Beijing"),
    ("Japan", "Tokyo"),
    ("India", "New Delhi"),
    ("South Korea", "Seoul"),
    ("Thailand", "Bangkok"),
    ("Vietnam", "Hanoi"),
    ("Indonesia", "Jakarta"),
    ("the Philippines", "Manila"),
    ("Pakistan", "Islamabad"),
    ("Bangladesh", "Dhaka"),
    ("Nepal", "Kathmandu"),
    ("Mongolia", "Ulaanbaatar"),
    ("Iran", "Tehran"),
    ("Iraq", "Baghdad"),
    ("Saudi Arabia", "Riyadh"),
    ("Turkey", "Ankara"),
    ("Jordan", "Amman"),
    ("Lebanon", "Beirut"),
    ("Qatar", "Doha"),
    ("Oman", "Muscat"),
    ("Kazakhstan", "Astana"),
    ("Uzbekistan", "Tashkent"),
    ("Cambodia", "Phnom Penh"),
    ("Laos", "Vientiane"),
    ("Bhutan", "Thimphu"),
    ("Afghanistan", "Kabul"),
    ("Egypt", "Cairo"),
    ("Morocco", "Rabat"),
    ("Algeria", "Algiers"),
    ("Tunisia", "Tunis"),
    ("Libya", "Tripoli"),
    ("Kenya", "Nairobi"),
    ("Ethiopia", "Addis Ababa"),
    ("Nigeria", "Abuja"),
    ("Ghana", "Accra"),
    ("Senegal", "Dakar"),
    ("Uganda", "Kampala"),
    ("Rwanda", "Kigali"),
    ("Zambia", "Lusaka"),
    ("Zimbabwe", "Harare"),
    ("Namibia", "Windhoek"),
    ("Angola", "Luanda"),
    ("Mali", "Bamako"),
    ("Madagascar", "Antananarivo"),
    ("the United States", "Washington"),
    ("Canada", "Ottawa"),
    ("Mexico", "Mexico City"),
    ("Cuba", "Havana"),
    ("Jamaica", "Kingston"),
    ("Panama", "Panama City"),
    ("Costa Rica", "San Jose"),
    ("Honduras", "Tegucigalpa"),
    ("Brazil", "Brasilia"),
    ("Argentina", "Buenos Aires"),
    ("Chile", "Santiago"),
    ("Peru", "Lima"),
    ("Colombia", "Bogota"),
    ("Ecuador", "Quito"),
    ("Venezuela", "Caracas"),
    ("Uruguay", "Montevideo"),
    ("Paraguay", "Asuncion"),
    ("Australia", "Canberra"),
    ("New Zealand", "Wellington"),
    ("Fiji", "Suva"),
)

CONTINENTS: tuple[tuple[str, str], ...] = (
    ("France", "Europe"),
    ("Germany", "Europe"),
    ("Italy", "Europe"),
    ("Spain", "Europe"),
    ("Portugal", "Europe"),
    ("Austria", "Europe"),
    ("Switzerland", "Europe"),
    ("Belgium", "Europe"),
    ("the Netherlands", "Europe"),
    ("the United Kingdom", "Europe"),
    ("Ireland", "Europe"),
    ("Denmark", "Europe"),
    ("Sweden", "Europe"),
    ("Norway", "Europe"),
    ("Finland", "Europe"),
    ("Iceland", "Europe"),
    ("Poland", "Europe"),
    ("Czechia", "Europe"),
    ("Slovakia", "Europe"),
    ("Hungary", "Europe"),
    ("Romania", "Europe"),
    ("Bulgaria", "Europe"),
    ("Greece", "Europe"),
    ("Croatia", "Europe"),
    ("Slovenia", "Europe"),
    ("Serbia", "Europe"),
    ("Albania", "Europe"),
    ("Estonia", "Europe"),
    ("Latvia", "Europe"),
    ("Lithuania", "Europe"),
    ("Ukraine", "Europe"),
    ("Belarus", "Europe"),
    ("Moldova", "Europe"),
    ("Malta", "Europe"),
    ("Luxembourg", "Europe"),
    ("Russia", "Europe and Asia"),
    ("China", "Asia"),
    ("Japan", "Asia"),
    ("India", "Asia"),
    ("South Korea", "Asia"),
    ("Thailand", "Asia"),
    ("Vietnam", "Asia"),
    ("Indonesia", "Asia"),
    ("the Philippines", "Asia"),
    ("Pakistan", "Asia"),
    ("Bangladesh", "Asia"),
    ("Nepal", "Asia"),
    ("Mongolia", "Asia"),
    ("Iran", "Asia"),
    ("Iraq", "Asia"),
    ("Saudi Arabia", "Asia"),
    ("Turkey", "Europe and Asia"),
    ("Jordan", "Asia"),
    ("Lebanon", "Asia"),
    ("Qatar", "Asia"),
    ("Oman", "Asia"),
    ("Kazakhstan", "Asia"),
    ("Uzbekistan", "Asia"),
    ("Cambodia", "Asia"),
    ("Laos", "Asia"),
    ("Bhutan", "Asia"),
    ("Afghanistan", "Asia"),
    ("Egypt", "Africa"),
    ("Morocco", "Africa"),
    ("Algeria", "Africa"),
    ("Tunisia", "Africa"),
    ("Libya", "Africa"),
    ("Kenya", "Africa"),
    ("Ethiopia", "Africa"),
    ("Nigeria", "Africa"),
    ("Ghana", "Africa"),
    ("Senegal", "Africa"),
    ("Uganda", "Africa"),
    ("Rwanda", "Africa"),
    ("Zambia", "Africa"),
    ("Zimbabwe", "Africa"),
    ("Namibia", "Africa"),
    ("Angola", "Africa"),
    ("Mali", "Africa"),
    ("Madagascar", "Africa"),
    ("the United States", "North America"),
    ("Canada", "North America"),
    ("Mexico", "North America"),
    ("Cuba", "North America"),
    ("Jamaica", "North America"),
    ("Panama", "North America"),
    ("Costa Rica", "North America"),
    ("Honduras", "North America"),
    ("Brazil", "South America"),
    ("Argentina", "South America"),
    ("Chile", "South America"),
    ("Peru", "South America"),
    ("Colombia", "South America"),
    ("Ecuador", "South America"),
    ("Venezuela", "South America"),
    ("Uruguay", "South America"),
    ("Paraguay", "South America"),
    ("Australia", "Oceania"),
    ("New Zealand", "Oceania"),
    ("Fiji", "Oceania"),
)

OPPOSITES: tuple[tuple[str, str], ...] = (
    ("hot", "cold"),
    ("big", "small"),
    ("good", "bad"),
    ("happy", "sad"),
    ("fast", "slow"),
    ("up", "down"),
    ("left", "right"),
    ("day", "night"),
    ("old", "young"),
    ("new", "used"),
    ("long", "short"),
    ("high", "low"),
    ("wide", "narrow"),
    ("thick", "thin"),
    ("hard", "soft"),
    ("easy", "difficult"),
    ("full", "empty"),
    ("open", "closed"),
    ("rich", "poor"),
    ("strong", "weak"),
    ("heavy", "light"),
    ("clean", "dirty"),
    ("wet", "dry"),
    ("loud", "quiet"),
    ("near", "far"),
    ("early", "late"),
    ("first", "last"),
    ("front", "back"),
    ("inside", "outside"),
    ("true", "false"),
    ("yes", "no"),
    ("black", "white"),
    ("hello", "goodbye"),
    ("summer", "winter"),
    ("north", "south"),
    ("east", "west"),
    ("love", "hate"),
    ("win", "lose"),
    ("buy", "sell"),
    ("push", "pull"),
    ("start", "stop"),
    ("begin", "end"),
    ("come", "go"),
    ("give", "take"),
    ("always", "never"),
    ("everything", "nothing"),
    ("before", "after"),
    ("above", "below"),
    ("top", "bottom"),
    ("brave", "afraid"),
    ("smooth", "rough"),
    ("sharp", "blunt"),
    ("sweet", "sour"),
    ("polite", "rude"),
    ("cheap", "expensive"),
    ("safe", "dangerous"),
    ("asleep", "awake"),
    ("alive", "dead"),
    ("deep", "shallow"),
    ("tight", "loose"),
    ("friend", "enemy"),
    ("war", "peace"),
    ("question", "answer"),
    ("wrong", "correct"),
    ("simple", "complex"),
    ("dark", "bright"),
)

SOUNDS: tuple[tuple[str, str], ...] = (
    ("dog", "woof"),
    ("cat", "meow"),
    ("cow", "moo"),
    ("sheep", "baa"),
    ("pig", "oink"),
    ("horse", "neigh"),
    ("duck", "quack"),
    ("rooster", "cock-a-doodle-doo"),
    ("hen", "cluck"),
    ("frog", "ribbit"),
    ("bee", "buzz"),
    ("mouse", "squeak"),
    ("lion", "roar"),
    ("snake", "hiss"),
    ("wolf", "howl"),
    ("goat", "maa"),
    ("bird", "tweet"),
    ("donkey", "hee-haw"),
    ("crow", "caw"),
    ("goose", "honk"),
    ("dove", "coo"),
    ("turkey", "gobble"),
)

PLURALS: tuple[tuple[str, str], ...] = (
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("mouse", "mice"),
    ("goose", "geese"),
    ("person", "people"),
    ("ox", "oxen"),
    ("sheep", "sheep"),
    ("fish", "fish"),
    ("deer", "deer"),
    ("leaf", "leaves"),
    ("knife", "knives"),
    ("wolf", "wolves"),
    ("life", "lives"),
    ("half", "halves"),
    ("baby", "babies"),
    ("city", "cities"),
    ("story", "stories"),
    ("box", "boxes"),
    ("bus", "buses"),
    ("glass", "glasses"),
    ("potato", "potatoes"),
    ("tomato", "tomatoes"),
    ("cat", "cats"),
    ("dog", "dogs"),
    ("house", "houses"),
    ("book", "books"),
    ("tree", "trees"),
    ("day", "days"),
    ("key", "keys"),
    ("wish", "wishes"),
    ("cherry", "cherries"),
    ("shelf", "shelves"),
    ("thief", "thieves"),
)

CAPITAL_SAY = "The capital of {x} is {y}."
CAPITAL_ASKS: tuple[str, ...] = tuple(
    map(
        _ask,
        (
            "[What is|What's|Which city is|What city is] the capital[ city|] of {x}?",
            "[Tell me|Name|Give me|Say] the capital[ city|] of {x}.",
            "[Do you know|Can you tell me|Could you tell me] the capital[ city|] of {x}?",
            "[Do you know|Can you tell me|I wonder] what the capital of {x} is?",
            "[Capital of {x}|{x} capital|Capital city of {x}]?",
            "[What capital|Which capital] does {x} have?",
            "{x}: what is [the|its] capital[?|]",
            "[I need|I forgot|I'd like to know|I want to know] the capital of {x}[.|!|]",
            "[For a quiz|For school|I am learning geography]: what is the capital of {x}[?|]",
        ),
    )
)

CONTINENT_SAY = "You will find {x} in {y}."
CONTINENT_ASKS: tuple[str, ...] = tuple(
    map(
        _ask,
        (
            "[On which|On what|In which|In what] continent is {x}?",
            "[Which|What] continent is {x} [in|on|a part of|part of]?",
            "[Which|What] continent does {x} belong to?",
            "[Tell me|Name|Say] the continent [of|where you find] {x}.",
            "[Do you know|Can you tell me|Could you tell me] [which|what] continent "
            "{x} is [in|on]?",
            "[What is|What's] the continent of {x}?",
            "[Continent of {x}|{x} continent|Where is {x}|Where's {x}|Where in the world is {x}]?",
            "Where [do I find|can I find|would I find] {x}[ on the map| on a map| on a globe|]?",
        ),
    )
)

OPPOSITE_SAY = "The opposite of {x} is {y}."
OPPOSITE_ASKS: tuple[str, ...] = tuple(
    map(
        _ask,
        (
            "[What is|What's] the opposite[ word|] of {x}?",
            "[Tell me|Name|Give me|Say] the opposite of {x}.",
            "[Do you know|Can you tell me|Could you tell me] the opposite of {x}?",
            "[Which|What] word is the opposite of {x}?",
            "[Opposite of {x}|Opposite {x}|The opposite of {x}|Antonym of {x}|{x} opposite]?",
            "[What is|What's] [an|the] antonym [of|for] {x}?",
            "[If something is|When something is] not {x}, what is it?",
            "[I need|I'm looking for|I am looking for] the opposite of {x}[.|!|]",
        ),
    )
)

SOUND_SAY = "The {x} says {y}."
SOUND_ASKS: tuple[str, ...] = tuple(
    map(
        _ask,
        (
            "[What|Which] [sound|noise] does [a|the] {x} make?",
            "What does [a|the] {x} say?",
            "How does [a|the] {x} [sound|go]?",
            "[Tell me|Say|Do you know|Can you tell me] [what|which] [sound|noise] "
            "[a|the] {x} makes[.|?|]",
            "[What is|What's] the sound of [a|the] {x}?",
            "[Make|Write|Do|Give me] the [sound|noise] of [a|the] {x}.",
            "[Sound of a {x}|{x} sound|Noise of a {x}|Sound of the {x}]?",
        ),
    )
)

PLURAL_SAY = "The plural of {x} is {y}."
PLURAL_ASKS: tuple[str, ...] = tuple(
    map(
        _ask,
        (
            "[What is|What's] the plural[ form|] of {x}?",
            "[Tell me|Name|Give me|Say] the plural of {x}.",
            "[Do you know|Can you tell me|Could you tell me] the plural of {x}?",
            "[Plural of {x}|{x} plural|Plural form of {x}|The plural of {x}]?",
            "How do you [write|say|form] the plural of {x}?",
            "[One {x}, two what|One {x} and two what|One {x}, many what]?",
            "[What is|What's] {x} in the plural?",
        ),
    )
)

SYSTEMS: tuple[str, ...] = (
    "You are [a|a very|a really|an always] helpful assistant.",
    "You are a helpful[ and friendly| and honest|, polite| and kind|, harmless and "
    "honest|] [assistant|AI assistant|chatbot].",
    "You are a helpful assistant. [Answer|Reply|Respond] [briefly|shortly|in one "
    "sentence|in plain English|concisely].",
    "You are a concise assistant. [Keep answers short|Use as few words as "
    "possible|Never write more than two sentences].",
    "Be [brief|concise|short|kind and brief|clear and brief].",
    "[Be helpful|Help the user|Assist the user|Help the user with their tasks].",
    "[Answer|Reply] in [one|one short|a single] sentence.",
    "[Answer|Respond] [politely|in a friendly way|clearly|calmly] and [briefly|without "
    "small talk|to the point].",
    "You are an assistant[ with access to tools| that can use tools| who can call "
    "functions]. [Use them when they help|Call a tool when it is needed|Use a tool "
    "only when it is needed].",
    "You [can|may] call [tools|functions] to [help the user|answer the question]. [If "
    "no tool fits, answer directly|Answer directly when no tool fits|Do not call a "
    "tool without need].",
    "[Use the tools provided|Use the available functions] to answer. Do not make [up "
    "values|things up|assumptions about missing values].",
    "You are a function calling assistant. [Ask for missing values|If a required value "
    "is missing, ask for it|Do not guess arguments].",
    "You are [a coding assistant|a coding agent|a programming assistant|an expert "
    "programmer]. [Answer briefly|Prefer small changes|Read files before you change "
    "them|Explain what you change].",
    "You are a coding agent that works in the user's repository. [Read before you "
    "write|Run the tests after each change|Make small steps]. [Never delete files "
    "without asking|Do not touch files you do not need|Keep the code simple].",
    "You are a senior [software engineer|developer|Python developer|web developer]. "
    "[Give short answers|Answer with care|Point out mistakes].",
    "You help [developers|engineers|a team of programmers] with [their code|builds and "
    "tests|a large code base]. [Use the tools to look at files|Look at the code before "
    "you answer].",
    "You are a code reviewer. [Be direct|Be kind but direct]. [Name the file and the "
    "line|Say what is wrong and why|Only report real problems].",
    "You are an agent in a terminal.\n\nRules:\n- [Use one tool at a time|Use tools to "
    "inspect files|Read files first].\n- [Do not guess|Never guess paths|Ask when "
    "unsure].\n- [Keep answers short|Answer in plain text|No long explanations].",
    "You are a customer support agent of [Maple & Pine, a furniture shop|Bluefin "
    "Books, an online book shop|Oak Lane Bikes, a bicycle shop]. [Be friendly|Be "
    "polite|Stay polite at all times].",
    "You work for [Sunny Sprout, a garden center|Teapot Corner, a tea shop|Lantern "
    "Toys, a toy shop]. [Help customers with their orders|Answer questions about "
    "orders and returns]. [Be short|Be warm and brief|Never promise refunds].",
    "You are the support bot of [Greenleaf Phones|Harbor Shoes|Cobble Coffee|Northwind "
    "Tents].\n- [Be polite.|Greet the customer.]\n- [Ask for the order number.|Look up "
    "orders with the tools.]\n- [Do not discuss prices.|Do not talk about other shops.]",
    "You are the assistant of the [Riverside|Hilltop|Seaview|Lindenhof] hotel. [Help "
    "guests with bookings|Answer guests' questions|Help guests with their stay].",
    "You are a [travel|booking|flight|hotel] assistant. [Help the user plan trips|Help "
    "with travel plans|Use the tools to look things up].",
    "You are a [weather|calendar|mail|music|shopping|kitchen|fitness|news] assistant. "
    "[Use the tools|Answer briefly|Help the user with everyday tasks].",
    "You are a smart home assistant. [You control lights, heating and music|Use the "
    "tools to control devices|Confirm what you did in one sentence].",
    "You are a personal assistant. [You manage mail, calendar and notes|Keep track of "
    "what the user tells you|Help with everyday tasks]. [Be discreet|Be brief|Confirm "
    "what you did].",
    "You are a [bank|insurance|delivery|library|school|clinic] assistant. [Help "
    "customers politely|Only answer questions about our services|Do not give legal "
    "advice].",
    "You are a restaurant assistant for [The Copper Spoon|Little Basil|The Old "
    "Mill|Pepper Garden]. [Take orders and bookings|Help guests to book a table|Answer "
    "questions about the menu].",
    "You are a [tutor|teacher|patient teacher|math tutor|language teacher]. [Explain "
    "things simply|Use easy words|Give short explanations|Encourage the student].",
    "You are a [data|database|research|office|sales|finance] assistant. [Use the tools "
    "to get numbers|Never make up numbers|Answer with facts only].",
    "You are an operations assistant for a [small |growing |][company|hosting team|web "
    "shop]. [Check before you restart anything|Use tools to look at servers|Report "
    "what you find].",
    "You are a friendly chatbot. [Chat with the user|Keep the conversation going|Be "
    "cheerful|Be nice].",
    "You are a [kind|friendly|calm|cheerful|patient|polite] "
    "[assistant|helper|companion] who [answers briefly|likes to help|speaks "
    "plainly|uses simple words].",
    "You are [Sam|Ada|Max|Nora|Robin|Kit], a [helpful|friendly|polite] assistant[ for "
    "our customers| of the team|].",
    "[Your name is|You go by the name] [Pip|Juno|Milo|Ivy|Otto]. You [help users|are a "
    "helpful assistant|answer questions].",
    "You are a large language model. [Answer the user's questions|Follow the user's "
    "instructions|Help the user].",
    "You are llmx-demo, a [very |]small language model.",
    "The assistant is [helpful|friendly|brief], [honest|polite|careful] and [clear|kind|accurate].",
    "A chat between a [curious |]user and [an assistant|a helpful assistant|an AI]. "
    "The assistant gives [helpful|short|polite|detailed and polite] answers.",
    "Follow these rules:\n1. [Be polite.|Be brief.]\n2. [Do not make things up.|Say so "
    "when you do not know.]\n3. [Use tools when needed.|Answer in English.]",
    "Rules:\n- [Answer in English|Write plain text|Use short sentences]\n- [No "
    "emojis|No lists|No Markdown]\n- [Say when you do not know|Do not guess|Ask if "
    "something is unclear]",
    "## Role\n[You are a helpful assistant|You assist users|You are an expert "
    "helper].\n\n## Rules\n[Be brief|Be polite|Be precise]. [Use the tools|Do not "
    "guess|Think before you answer].",
    "# Instructions\n\n[Help the user with the tools below|Answer the user's "
    "questions]. [If a tool fails, say so|If you cannot help, say so].",
    "[Do not use Markdown|Do not use emojis|Write plain text only]. [Keep it short|Be "
    "brief|Answer in one or two sentences].",
    "[Think carefully|Think step by step|Take your time], then [answer|answer "
    "briefly|give a short answer].",
    "[Always|Please always] answer in [English|plain English|simple English|full sentences].",
    "If you do not know the answer, say that you do not know. [Never make things up|Do "
    "not guess|Do not invent facts].",
    "You are a helpful assistant. If you do not know [something|the answer], [say "
    "so|say that you do not know|do not guess].",
    "You are [an honest|a careful|a reliable] assistant. [Only state what you are sure "
    "of|Tell the user when you are not sure|Do not invent facts].",
    "[Help the user to|You help users to] [write mails|plan their day|find "
    "files|manage their tasks|track orders|book meetings].",
    "Today you are helping [a new customer|a colleague|a student|a developer|a guest]. "
    "[Be patient|Be clear and brief|Use simple words].",
    "You are a voice assistant. [Speak in short sentences|Your answers are read aloud, "
    "so keep them short|Do not use lists or symbols].",
    "You are an assistant inside [a mail program|a note app|a text editor|a web shop|a "
    "calendar app|a chat room]. [Act on the user's request|Be quick and brief|Do what "
    "the user asks].",
    "You are a [recipe|gardening|fitness|movie|reading|pet care] helper. [Give short "
    "tips|Keep it simple|Be friendly].",
    "You are the help desk of [Quill & Co|Fernway|Brightwell|Stonebridge Software]. "
    "[Solve the user's problem|Ask what went wrong|Open a ticket when you cannot "
    "help]. [Be patient|Stay calm|Use simple words].",
    "You are the [front desk|receptionist|phone assistant] of [a dental clinic|a law "
    "office|a gym|a museum]. [Greet people|Make appointments|Answer simple questions]. "
    "[Never give medical advice|Do not share private data|Be polite].",
    "You answer questions [about our product|about the user's files|about orders|for "
    "the whole team]. [Use the search tool first|Look things up before answering|Be "
    "exact].",
    "You are a translation and writing helper. [Correct mistakes gently|Keep the "
    "user's tone|Answer only with the result].",
    "Act as a [helpful|knowledgeable|reliable] [assistant|guide|expert]. [Be "
    "direct|Keep answers under 50 words|Avoid long explanations].",
    "You are a [warehouse|factory|farm|hospital|city] [helper|operations assistant]. "
    "[Report numbers exactly as the tools give them|Use the tools for every "
    "number|Repeat the values you used].",
    "You are an expert assistant. You have been given tools. [Choose the right "
    "one|Pick the best tool|Call the right tool] and [use the user's values|copy "
    "values exactly|fill in the arguments with care].",
    "System: [helpful assistant|you are helpful|assistant mode|answer the user].",
)

REFUSAL = "I cannot help with that: I am a very small model and have no tool for it."

REFUSALS: tuple[str, ...] = tuple(
    map(
        _ask,
        (
            # What only live data can answer.
            "[What is|What's|How is|How's] the weather [in|like in] {city}[ today| "
            "now| right now|]?",
            "[Will it|Is it going to] [rain|snow|be sunny|be cold|be hot] in {city} {day}?",
            "[Show|Tell|Give] me the [weather|forecast|weather forecast] for {city}[ for {day}|].",
            "[How warm|How hot|How cold] is it in {city}[ right now| now| today|]?",
            "Do I need [an umbrella|a coat|a jacket] in {city} {day}?",
            "[What time is it|What's the time|What is the time|What time is it now]?",
            "[What time is it|What's the time|What is the local time] in {city}[ now| right now|]?",
            "[What day is it|What's the date|What is today's date|What is the date "
            "today|Which year is it]?",
            "[What is|What's] [the news|in the news|happening in the world|new in the "
            "world][ today|]?",
            "[What is|What's] the latest news [about|on|from] "
            "[{company}|{topic}|{country}|{city}]?",
            "[What is|What's] the [stock|share] price of {company}[ today| now|]?",
            "[How much is|What does] a share of {company}[ worth| cost| worth today]?",
            "[How is|How's|How are] [{company}|{ticker}|the market|the stock market] "
            "doing[ today|]?",
            "[What is|What's] the [exchange rate|rate] [of|for] {currency}[ today| now|]?",
            "[How much is|What is] {amount} {currency} in [another currency|my currency|dollars]?",
            "Who won [the match|the game|the election|the race|the cup][ yesterday| "
            "last night| in {country}|]?",
            "[What was|What's|Tell me] the score [of|in] the [match|game] in {city}[?|.|]",
            "[How is|How's] the traffic [in|around|near] {city}[ now| today|]?",
            "[Is the train to|Is the bus to|Is the flight to] {city} [late|on "
            "time|delayed|cancelled]?",
            "[When does|When will] the next [train|bus|flight|ferry] to {city} [leave|go|depart]?",
            "[What is|What's] the [status|arrival time|gate] of flight {code}?",
            "Where is my [order|package|parcel|delivery|order {code}|package {code}]?",
            "[Track|Find|Check] [my order|my package|order {code}|package {code}][ for me|].",
            "[Is|Are] {company} [hiring|open today|still in business|open on {day}]?",
            "[When does|What time does] [the museum|the library|the shop|the bank] in "
            "{city} [open|close]?",
            "[How many people|How many people exactly] live in [{city}|{country}][ now| today|]?",
            "[What movies|What films|What concerts] are on in {city} {day}?",
            "[What is|What's] the phone number of [{company}|{person}|a doctor in {city}]?",
            "[What is|What's] the [email address|address|birthday] of {person}?",
            "Where is {person}[ right now| now| today|]?",
            "[Who is|Who's|Who was] {person}?",
            "[What do you know about|Tell me about|What can you tell me about] "
            "[{person}|{company}][?|.|]",
            "[Who is|Who's] the [president|prime minister|king|queen] of {country}?",
            "[Who is|Who's] the [boss|CEO|founder|owner] of {company}?",
            # Actions.
            "[Book|Reserve|Find|Get] me a [flight to|train to|hotel in|hotel room "
            "in|trip to] {city}[ for {day}|].",
            "[Book|Reserve] a table [for two|in {city}|for {day}|at {time}|for tonight].",
            "[I need|I want|I'd like] [a flight to|a hotel in|a train ticket to|a taxi "
            "in] {city}[ {day}|][.|!|]",
            "[Call|Phone|Ring] [{person}|{first_name}|my mother|a taxi|a doctor][ for me|].",
            "[Send|Write] [an email|a mail|a message|a text] to [{first_name}|{email}|{person}].",
            "[Set|Start] [an alarm|a timer|a reminder] for [{time}|{duration}|{day}].",
            "Remind me [on {day}|at {time}|in {duration}] to [call home|drink water|take a break].",
            "[Order|Buy] [me |][{food}|a pizza|flowers|a new phone|a ticket to {city}].",
            "[Play|Put on|Stream] [some music|'{song}'|a song|the radio|my playlist].",
            "[Turn on|Turn off|Switch on|Switch off] the [lights|heating|TV|lamp] in the {room}.",
            "[Open|Read|Show me|Print] the file [{filename}|{path}].",
            "[Delete|Rename|Copy|Move] the file [{filename}|{path}].",
            "[Open|Visit|Summarize|Read] [{url}|the page {url}|the website {url}].",
            "[Search|Google|Look up] [{topic}|{person}|{company}][ for me| on the web| online|].",
            "[Add|Put] a meeting [with {first_name}|about {topic}|at {time}] [to|in] my calendar.",
            "[What is|What's] [on|in] my calendar [{day}|on {date}|today|this week]?",
            "[Do I have|Are there] [any |][new mails|meetings|messages|appointments] "
            "[{day}|today]?",
            "[Pay|Transfer|Send] {amount} {currency} to {first_name}.",
            "[What is|What's] [my bank balance|my account balance|on my bank account]?",
            "[Run|Execute|Start] [the tests|`{command}`|this program|the build][ for me|].",
            "[Restart|Check|Log in to] the [server|database|machine] [{host}|now].",
            "[Take|Show me|Draw|Paint|Make] a [picture|photo|drawing] of [{city}|a "
            "{word}|{person}].",
            # Long and deep.
            "Write [me |][a long essay|an essay|a report|a paper|a thesis|ten pages] "
            "[about|on] {topic}.",
            "Write [me |]a [novel|book|long story|film script|speech|blog post|song] "
            "about {topic}.",
            "[Write|Draft] [a business plan|a marketing plan|a contract|a cover "
            "letter] for {company}.",
            '[Summarize|Retell|Explain the plot of] the [book|novel|film] "{title}".',
            "[Explain|Describe] [{topic}|quantum physics|the theory of relativity] in "
            "[detail|depth|full].",
            "[Explain|Tell me|Describe] the [whole |full |]history of "
            "[{country}|{city}|{company}].",
            "[What caused|What were the causes of|Who won] [the war|the crisis|the "
            "revolution] in {country}?",
            "[What happened|What happened in the world|What happened in {country}] in {year}?",
            "[What are|What're] the [main |][theories|open problems|latest results] "
            "[of|in|about] {topic}?",
            "[Translate|Can you translate] [this text|my letter|a page|a sentence] "
            "[into|to] {language}[.|]",
            "How do you say [good morning|thank you|{word}|goodbye] in {language}?",
            "[Teach me|Give me a course in|Give me a lesson in] {language}.",
            "[Give me|Write me|Find me] [a recipe|the full recipe|a good recipe] for {food}.",
            "[Calculate|Compute|Work out|Solve] {expression}.",
            "[Prove|Derive|Solve] [this theorem|the equation|the Riemann "
            "hypothesis|this integral].",
            # Code.
            "Write [me |][a Python function|a function|a program|a script|code] [that "
            "sorts a list|for {topic}].",
            "Write [a web site|an app|a game|a web server|a compiler][ in Python| in "
            "Rust| in Java|].",
            "[Write|Generate] [unit tests|documentation|a docstring] for "
            "[{identifier}|my code|{path}].",
            "[Fix|Debug|Refactor|Optimize|Review] [my code|this "
            "function|{identifier}|this program].",
            "[Why does [my program|my code|{identifier}] [crash|fail]|Why is [my "
            "program|my code|{identifier}] so slow]?",
            "[Write|Give me] [an SQL query|a regular expression|a shell script] "
            "[for|that finds] {topic}.",
            # Advice for experts, predictions.
            "[What medicine|Which pills|What drug] should I take [for|against] [a "
            "headache|fever|back pain|flu]?",
            "[Do I have|Could I have|Is it] [cancer|an allergy|an infection|a broken "
            "bone|the flu]?",
            "[My chest|My back|My head|My knee] [hurts|hurts a lot]. What [should I do|is it]?",
            "[How many|How much] [aspirin|ibuprofen|pills] [can I|may I] take[ a day|]?",
            "[Can I|Should I|How do I] sue [{company}|my landlord|my boss|{person}]?",
            "[Should I|Is it wise to] [buy|sell] [{company} shares|{ticker}|a house in "
            "{city}|gold]?",
            "[Where should I|How should I|In what should I] invest [my money|{amount} {currency}]?",
            "[Who will win|Who is going to win] [the election|the cup|the next match][ "
            "in {country}|]?",
            "What will [the future|the world|{city}|{country}] [be like|look like][ in {year}|]?",
            "[Will|When will] [the stock market|house prices|{ticker}] [go up|fall|rise|crash]?",
            "[Predict|Guess|Tell me] [my future|the lottery numbers|the price of {ticker}].",
            "[Which|What] [hotel|restaurant|museum|doctor|school] in {city} is the best?",
            "[What should I see|What can I visit|What is there to do] in {city}?",
            "[Plan|Organize] [a trip|a holiday|a week|a weekend] in [{city}|{country}][ for me|].",
            "[How do I get|How can I go|What's the way] from here to {city}?",
            "[How far is|How far away is] {city}[ from here]?",
        ),
    )
)
