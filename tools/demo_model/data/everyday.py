"""Intents of everyday life: weather, time, messages, money, travel, home, music and the like."""

from __future__ import annotations

from tools.demo_model.grammar import Intent, Param

CITY = Param("city", "city", ("location", "place", "town"), ("The city.", "Name of the city"))
DAY = Param("day", "day", ("date", "when"), ("The day, such as tomorrow or Friday",))
DAY_OR_NONE = Param("day", "day", ("date", "when"), ("The day; today if left out",), optional=True)
TIME = Param(
    "time", "time", ("at", "hour", "clock_time"), ("The time of day, as hours and minutes",)
)
TOPIC = Param("topic", "topic", ("subject", "query", "about"), ("The topic.", "What it is about"))
ROOM = Param("room", "room", ("area", "zone", "location"), ("The room of the house",))
LENGTH = Param("duration", "duration", ("length", "how_long"), ("How long it lasts",))
PERSON = Param("person", "person", ("name", "contact", "full_name"), ("The person's full name",))
FRIEND = Param("contact", "first_name", ("name", "person", "to"), ("The contact's first name",))
SWITCH = Param(
    "state", "word", ("mode", "power", "value"), ("Whether it is on or off",), ("on", "off")
)
STATUS = Param("status", "word", enum=("ok", "done", "success"))
ID = Param("id", "code")
COUNT = Param("count", "small_int")

INTENTS: tuple[Intent, ...] = (
    Intent(
        names=(
            "get_weather",
            "current_weather",
            "weather_now",
            "getCurrentWeather",
            "check_weather",
            "weather",
        ),
        about=(
            "Get the current weather in a city.",
            "Tells what the weather is like now in a place.",
            "Current temperature and sky for a city",
        ),
        asks=(
            "[What is|What's|How is|How's] the [current |]weather in {city}[ now| right now| at "
            "the moment| today|][?|]",
            "[Tell me|Show me|Check] the [current |]weather in {city}[ now| right now| at the "
            "moment| today|][.|, please.|]",
            "[weather|weather now|current weather|Weather] {city}",
            "[How warm|How cold|How hot] is it [outside |]in {city}[ now| at the moment| today|]?",
            "[I'm|I am] [flying|going|driving|moving] to {city}[ soon| today|]. [What's the "
            "weather like there|How's the weather|What is the weather]?",
            "[Should I|Do I need to] [wear|take|pack] [a coat|a jacket|sunglasses|a warm "
            "sweater] in {city}[ right now| today|]?",
            "[Is it|Would you say it is] [sunny|cold|warm|nice|freezing|cloudy] in {city}[ now| "
            "today| at the moment|]?",
            "[Please|Could you|Can you] [tell me|check|look up] the weather for {city}[, please|].",
        ),
        params=(CITY,),
        bare=(
            "[What's|What is] the weather[ now|]?",
            "How [warm|cold] is it outside?",
            "[Tell me|Check] the weather.",
        ),
        gives=(Param("temperature", "temperature"), Param("sky", "sky")),
        tells=(
            "It is {temperature} degrees and {sky} in {city}.",
            "In {city} it is {sky}, {temperature} degrees.",
        ),
    ),
    Intent(
        names=("get_forecast", "weather_forecast", "forecast", "getForecast", "predict_weather"),
        about=(
            "Get the weather forecast for a city on a day.",
            "Forecast of the weather in a place for a given day",
        ),
        asks=(
            "[What's|What is] the [weather |]forecast for {city} [for |]{day}[, please|][?|]",
            "[Show me|Give me|Tell me|Get] the [weather |]forecast for {city} [for |]{day}[, "
            "please|][.|, please.|]",
            "[What will the weather be like|How will the weather be|How warm will it be] in "
            "{city} {day}?",
            "[forecast|weather forecast|Forecast] {city} {day}",
            "[We|I] [plan|want] to [hike|have a picnic|swim|go out] {day} near {city}. [Will the "
            "weather hold|What's the forecast|How does it look]?",
            "[Will it be|Is it going to be] [warm|cold|sunny|nice|hot|cloudy] {day} in {city}?",
            "[I need|I'd like] the forecast of {day} for {city}[.|, please.]",
        ),
        params=(CITY, DAY),
        bare=(
            "[What's|Show me] the [weather |]forecast[ please|]?",
            "[How will the weather be|Will it be sunny]?",
        ),
        gives=(Param("high", "temperature"), Param("outlook", "sky")),
        tells=(
            "The forecast for {city} {day}: {outlook}, up to {high} degrees.",
            "Expect it to be {outlook} with {high} degrees in {city}.",
        ),
    ),
    Intent(
        names=("rain_chance", "check_rain", "get_rain_probability", "willItRain", "precipitation"),
        about=(
            "Get the chance of rain in a city.",
            "Tells how likely rain is in a place.",
            "Probability of rain for a city",
        ),
        asks=(
            "[Will it|Is it going to|Could it] rain in {city}[ soon| later| today|]?",
            "[Do I need|Should I take|Should I bring|Will I need] an umbrella in {city}[ today|]?",
            "[What's|What is] the [chance|probability|risk] of rain in {city}[?|]",
            "[Tell me|Check|Show me] the [chance|probability|risk] of rain in {city}[.|, please.|]",
            "[rain|rain chance|Rain] {city}",
            "[Will I|Am I going to] [get wet|need a raincoat|need rubber boots] in {city}[ "
            "today|]?",
            "[Does it look like|Is there any chance of|Any] rain in {city} {day}?",
            "[I'm hanging out the laundry|I want to cycle|We have a garden party] in {city}. "
            "Will it [stay dry|be dry]?",
        ),
        params=(CITY, DAY_OR_NONE),
        bare=("Will it rain[ today|]?", "Do I need an umbrella?", "What's the chance of rain?"),
        gives=(Param("chance", "percent"),),
        tells=(
            "The chance of rain in {city} is {chance} percent.",
            "Rain in {city}: {chance} percent likely.",
        ),
    ),
    Intent(
        names=("get_wind", "wind_speed", "windReport", "check_wind", "wind"),
        about=("Get the wind speed in a city.", "How strong the wind blows in a place"),
        asks=(
            "[How strong is|What about|How bad is|How is] the wind in {city}[ today| now| right "
            "now|]?",
            "[What's|What is|Tell me|Show me|Get me] the wind speed in {city}[?| please]",
            "[Is it windy|Is it stormy|How windy is it|How stormy is it] in {city}[ today| now|]?",
            "[wind|wind speed|Wind now in] {city}",
            "[Can I|Could I|Is it a good day to] [fly a kite|sail|windsurf|go sailing] in "
            "{city}[ today|]?",
            "[Is there|Do they have] [a storm|strong wind|a breeze] in {city}[ now|]?",
        ),
        params=(CITY,),
        bare=("How strong is the wind?", "Is it windy[ today|]?"),
        gives=(
            Param("speed", "percent"),
            Param("direction", "word", enum=("north", "south", "east", "west")),
        ),
        tells=("The wind in {city} blows at {speed} km/h from the {direction}.",),
    ),
    Intent(
        names=("air_quality", "get_air_quality", "check_air", "airQualityIndex", "pollution_level"),
        about=(
            "Get the air quality of a city.",
            "Air pollution index for a place",
            "Tells how clean the air is in a city.",
        ),
        asks=(
            "[How is|How's|What's|What is] the air quality in {city}[ today| now| right now|][?|]",
            "[Check|Tell me] the air quality in {city}[ today| now| right now|][.|, please.|]",
            "[How clean|How dirty|How good|How bad] is the air in {city}[ today| now|]?",
            "[Is the air|Is it] [polluted|dirty|smoggy] in {city}[ today| now|]?",
            "[air quality|air pollution|pollution|Air quality index] {city}",
            "[I have asthma|My lungs are weak|I run every morning]. [Is it safe to|Can I] "
            "[jog|run|train] outside in {city}?",
            "[Can I|Is it healthy to] [breathe|open the windows] in {city}[ today|]?",
        ),
        params=(CITY,),
        bare=("[How's|Check] the air quality[?|]", "Is the air clean[ today|]?"),
        gives=(Param("index", "percent"), Param("level", "word", enum=("good", "fair", "poor"))),
        tells=(
            "The air in {city} is {level}, with an index of {index}.",
            "Air quality in {city}: {level} ({index}).",
        ),
    ),
    Intent(
        names=("sunrise_sunset", "get_sunset", "sun_times", "sunTimes", "daylight"),
        about=(
            "Get the times of sunrise and sunset in a city.",
            "When the sun rises and sets in a place",
        ),
        asks=(
            "[When|At what time|What time] [does the sun set|is sunset|does the sun rise|is "
            "sunrise] in {city}[ today|]?",
            "[Tell me|Show me|Give me|Look up] [the sunset|the sunrise|sunrise and sunset] [time "
            "|times |]for {city}.",
            "[sunset|sunrise|sun times|daylight] {city}",
            "[When|How early|How late] does it get [dark|light] in {city}[ today|]?",
            "[I want to|I'd like to] [photograph|watch|see] the [evening|morning] sky in {city}. "
            "When [should I be there|is the sun low]?",
        ),
        params=(CITY,),
        bare=("When [is sunset|is sunrise|does the sun set]?",),
        gives=(Param("sunrise", "time"), Param("sunset", "time")),
        tells=("In {city} the sun rises at {sunrise} and sets at {sunset}.",),
    ),
    Intent(
        names=(
            "get_local_time",
            "current_time",
            "time_in_city",
            "getTime",
            "world_clock",
            "time_zone",
        ),
        about=(
            "Get the current local time in a city.",
            "Tells what time it is in another place.",
            "World clock: time zone and time of a city",
        ),
        asks=(
            "[What time is it|What's the time|What is the local time|What is the current time] "
            "in {city}[ now| right now|]?",
            "[Tell me|Show me|Check|Give me] the [local |current |]time in {city}[.|, please.]",
            "[time in|time|local time|Time now in|clock] {city}",
            "[Which|What] time zone [is|are people in] {city}[ in|]?",
            "[Is it|Would it be] [too late|too early|a bad hour] to [call|ring|phone] "
            "[someone|my aunt|a client] in {city}[ now|]?",
            "[I need to|I have to|I want to] [call|phone] a [friend|customer|colleague] in "
            "{city}. [What's their time|What does the clock say there]?",
            "[Are people|Is everybody|Are they] [asleep|awake|still at work] in {city}[ now|]?",
        ),
        params=(CITY,),
        bare=("What's the local time there?", "What time zone is that city in?"),
        gives=(Param("local_time", "time"),),
        tells=("It is {local_time} in {city}.", "The local time in {city} is {local_time}."),
    ),
    Intent(
        names=("time_difference", "compare_time_zones", "hours_between", "timeDifference"),
        about=(
            "Get the time difference between two cities.",
            "How many hours lie between the time zones of two places",
        ),
        asks=(
            "[What's|What is] the time difference between {first} and {second}[?|]",
            "[Tell me|Show me] the time difference between {first} and {second}[.|, please.|]",
            "[How many|What number of] hours [ahead|behind|apart|off] is {first} [from|compared "
            "with|compared to] {second}?",
            "time difference {first} {second}",
            "[I live in|I'm in|I work from] {first} and my [sister|team|boss] [lives|sits|is] in "
            "{second}. How many hours [are we apart|lie between us]?",
            "[Compare|Please compare] the time zones of {first} and {second}.",
        ),
        params=(
            Param("first", "city", ("from_city", "city_a", "origin"), ("The first city",)),
            Param("second", "city", ("to_city", "city_b", "other"), ("The second city",)),
        ),
        bare=("What's the time difference?",),
        gives=(Param("hours", "small_int"),),
        tells=(
            "{first} and {second} are {hours} hours apart.",
            "The time difference is {hours} hours.",
        ),
    ),
    Intent(
        names=("set_alarm", "create_alarm", "add_alarm", "setAlarm", "wake_up_call"),
        about=("Set an alarm for a time.", "Create an alarm clock that rings at a given time"),
        asks=(
            "[Set|Please set|Can you set|Create|Add|Make] an alarm for {time}[.|]",
            "[Wake me|Wake me up|Please wake me|Get me out of bed] at {time}[.|]",
            "[alarm|alarm at|set alarm] {time}",
            "[I need to|I have to|I must] [get up|be awake|be out of bed] at {time}[.|. Don't "
            "let me oversleep.]",
            "[Set|Put|Add] an alarm at {time} for {day}[, please|].",
            "[My train leaves early|I have an exam|I'm a deep sleeper]. [Ring|Set the alarm|Make "
            "a noise] at {time}.",
        ),
        params=(TIME, DAY_OR_NONE),
        bare=("[Set|Create|Add] an alarm[ please|].", "Wake me up[ please|]."),
        gives=(ID,),
        tells=("Your alarm is set for {time}.", "Done: the alarm {id} rings at {time}."),
    ),
    Intent(
        names=("cancel_alarm", "delete_alarm", "remove_alarm", "alarmOff", "turn_off_alarm"),
        about=("Cancel the alarm set for a time.", "Delete an alarm so that it does not ring"),
        asks=(
            "[Cancel|Delete|Remove|Turn off|Please cancel|Switch off] [the|my] {time} alarm[.|]",
            "[Cancel|Delete|Remove|Drop] the alarm [at|for] {time}[.|]",
            "[I don't need|I no longer need|Forget] the {time} alarm[, thanks|, please|].",
            "[Let me sleep|I want to sleep in|I have the day off]. [No noise|No ringing|Don't "
            "wake me] at {time}[, please|].",
            "[cancel|remove|delete] alarm {time}",
        ),
        params=(TIME,),
        bare=("[Cancel|Delete|Turn off] [the|my] alarm.",),
        gives=(STATUS,),
        tells=("Done: the alarm at {time} is cancelled.", "The {time} alarm is off."),
    ),
    Intent(
        names=("list_alarms", "show_alarms", "get_alarms", "my_alarms"),
        about=("List all alarms that are set.", "Shows which alarms will ring"),
        asks=(
            "[Which|What] alarms [do I have|are set|are on|did I set]?",
            "[List|Show|Show me|Read me] [all |][my|the] alarms[, please|].",
            "[When|At what time] [does my next alarm ring|is my next alarm|is the next alarm due]?",
            "[my alarms|list alarms|alarms]",
            "[When|At what time] will [my phone|the clock|you] [ring|wake me][ next|]?",
        ),
        gives=(COUNT, Param("next", "time")),
        tells=("You have {count} alarms; the next one rings at {next}.",),
    ),
    Intent(
        names=("start_timer", "set_timer", "countdown", "startTimer", "create_timer"),
        about=("Start a timer for some minutes.", "Set a countdown timer of a given duration"),
        asks=(
            "[Set|Start|Please start|Can you set|Create|Please set] a timer for {duration}[.|]",
            "[timer|set timer|countdown|start timer] {duration}",
            "[Count down|Start a countdown of|Run a countdown of] {duration}[.|, please.]",
            "[The eggs are in the pot|The pasta is in the water|The cake is in the oven|Tea is "
            "brewing]. [Tell me|Beep|Call me] [in|after] {duration}.",
            "[Let me know|Tell me|Ping me|Beep] [when|once] {duration} [are over|have passed|are "
            "up].",
            "[Start|Set] a {duration} timer [called|named|for the] {label}.",
        ),
        params=(
            LENGTH,
            Param("label", "word", ("name", "title"), ("A name for the timer",), optional=True),
        ),
        bare=("[Set|Start] a timer[ please|].", "Start the countdown."),
        gives=(ID, Param("ends_at", "time")),
        tells=(
            "Your timer of {duration} is running until {ends_at}.",
            "Timer {id} ends at {ends_at}.",
        ),
    ),
    Intent(
        names=("stop_timer", "cancel_timer", "end_timer", "stopTimer"),
        about=("Stop the running timer.", "Cancel the countdown timer"),
        asks=(
            "[Stop|Cancel|End|Kill|Please stop|Turn off] the [running |]timer[.|]",
            "[I don't need the timer any more|Forget the timer|I need no timer after all].",
            "[The eggs are done|I'm back|The cake is out already], [no more countdown|stop "
            "counting|you can stop the beeping].",
            "[stop|cancel|end] [timer|countdown]",
            "[Make|Please make] [it|that thing] stop [beeping|counting|ticking].",
        ),
        gives=(STATUS,),
        tells=("The timer is stopped.", "Done: the timer is off."),
    ),
    Intent(
        names=("create_reminder", "set_reminder", "remind_me", "addReminder", "new_reminder"),
        about=(
            "Create a reminder with a text at a time.",
            "Remind the user of something at a given time",
        ),
        asks=(
            "[Remind me|Please remind me|Set a reminder] at {time}: {text}",
            '[Remind me of|Set a reminder for|Create a reminder] "{text}" at {time}[.|, please.]',
            "[Don't let me forget|Help me remember] '{text}'. [Ping|Tell|Nudge] me at {time}.",
            '[I always forget things|My memory is bad]. At {time} [tell me|say|show me] "{text}".',
            "[Create|Add|Make] a reminder for {time}: {text}",
            'reminder {time} "{text}"',
        ),
        params=(
            Param(
                "text",
                "sentence",
                ("message", "what", "note", "task"),
                ("What to remind of", "The reminder's text"),
            ),
            Param(
                "time",
                "time",
                ("at", "when", "remind_at"),
                ("When to remind, as hours and minutes",),
            ),
        ),
        bare=("[Set|Create|Add] a reminder[ please|].", "Remind me[ later|]."),
        gives=(ID,),
        tells=("I will remind you at {time}.", "Done: reminder {id} is set for {time}."),
    ),
    Intent(
        names=("list_reminders", "show_reminders", "get_reminders", "myReminders"),
        about=("List the reminders of a day.", "Show what the user wanted to be reminded of"),
        asks=(
            "[Show|List|Read|Show me|Read me] [my|the|all] reminders for {day}[, please|][.|]",
            "[What|Which] reminders do I have [for |]{day}?",
            "[reminders|my reminders] {day}",
            "[What did I want|What am I supposed|What was I going] to remember {day}?",
            "Is there anything I [must not|shouldn't|had better not] forget {day}?",
        ),
        params=(DAY,),
        bare=("[Show|List] my reminders.", "What reminders do I have?"),
        gives=(COUNT, Param("first", "sentence")),
        tells=('You have {count} reminders {day}, the first is "{first}".',),
    ),
    Intent(
        names=(
            "create_event",
            "add_event",
            "schedule_meeting",
            "createCalendarEvent",
            "book_slot",
            "new_appointment",
        ),
        about=(
            "Create an event in the calendar.",
            "Schedule a meeting or appointment on a day at a time",
        ),
        asks=(
            '[Add|Put|Please add|Enter] "{title}" [to|in|into] my calendar {day} at {time}[.|]',
            "[Schedule|Create|Book|Plan|Set up] a[ meeting| calendar event|n appointment] "
            "'{title}' for {day} at {time}[, please|].",
            "[Create|Schedule|Add] an event {day}, {time}: {title}",
            '[Block|Reserve|Keep] my time {day} at {time} for "{title}".',
            "[I agreed to|I promised to come to|I was invited to] '{title}' {day} at {time}. "
            "[Write it down|Save the date|Note it].",
            'new event "{title}" {day} {time}',
        ),
        params=(
            Param(
                "title", "title", ("name", "summary", "subject", "event"), ("Title of the event",)
            ),
            DAY,
            TIME,
        ),
        bare=("[Create|Add|Schedule] [an event|a meeting|an appointment] {day} at {time}.",),
        gives=(Param("event_id", "code"),),
        tells=(
            '"{title}" is in your calendar {day} at {time}.',
            "Done: event {event_id} is created.",
        ),
    ),
    Intent(
        names=("list_events", "get_calendar", "show_agenda", "getEvents", "read_calendar"),
        about=(
            "List the events in the calendar on a day.",
            "Show the agenda and appointments of a day",
        ),
        asks=(
            "[What's|What is] [on|in] my [calendar|agenda|schedule] [for |]{day}?",
            "[Show|List|Read|Give] me [my|the|all] [events|appointments|meetings] [for|of] "
            "{day}[, please|].",
            "[calendar|agenda|events|my schedule] {day}",
            "[Am I|Will I be] [free|busy] {day}?",
            "[What do I have planned|What am I doing|What are my plans] {day}?",
            "[My mother wants to|A friend wants to] [visit|meet] {day}. [Do I have time|Have I "
            "got anything on]?",
        ),
        params=(DAY,),
        bare=("What's on my calendar?", "[Show|List] my [events|appointments]."),
        gives=(COUNT, Param("first_event", "title"), Param("starts", "time")),
        tells=('You have {count} events {day}, first "{first_event}" at {starts}.',),
    ),
    Intent(
        names=("delete_event", "cancel_event", "remove_meeting", "cancelAppointment"),
        about=("Delete an event from the calendar.", "Cancel a meeting or appointment"),
        asks=(
            "[Delete|Cancel|Remove|Please cancel] [the event|the meeting|the appointment|my "
            'appointment] "{title}"[.|]',
            "[Take|Strike|Remove|Delete] '{title}' [out of|from|off] my calendar[, please|].",
            "[I can't go|I won't go|I am not going] to \"{title}\"[ any more|], [take it "
            "out|call it off|drop it].",
            "[Cancel|Delete] [event|this meeting]: {title}",
            "'{title}' is [off|not happening|called off], [clear|free] [my calendar|that slot].",
        ),
        params=(
            Param(
                "title", "title", ("event", "name", "meeting"), ("Title of the event to delete",)
            ),
        ),
        bare=("[Delete|Cancel] [the|my] [event|meeting|appointment].",),
        gives=(STATUS,),
        tells=('"{title}" is deleted from your calendar.', "Done: the event is cancelled."),
    ),
    Intent(
        names=(
            "move_event",
            "reschedule_event",
            "reschedule_meeting",
            "moveAppointment",
            "postpone",
        ),
        about=(
            "Move a calendar event to another day and time.",
            "Reschedule a meeting or appointment",
        ),
        asks=(
            '[Move|Reschedule|Shift|Postpone|Push] "{title}" to {day} at {time}[.|, please.]',
            "[Move|Reschedule] [the meeting|my appointment|the event] '{title}' to {day}, {time}.",
            "[I'm ill|I'm late|I can't come], so \"{title}\" [must|has to] [be|happen|take "
            "place] {day} at {time}.",
            "[Can|Could] [we|you] [do|have|hold] '{title}' {day} at {time} instead?",
            "reschedule {title} to {day} {time}",
        ),
        params=(
            Param("title", "title", ("event", "name", "meeting"), ("Title of the event to move",)),
            DAY,
            TIME,
        ),
        bare=("[Move|Reschedule] [my|the] [meeting|event|appointment] to {day} at {time}.",),
        gives=(STATUS,),
        tells=('"{title}" is moved to {day} at {time}.',),
    ),
    Intent(
        names=("send_email", "write_email", "compose_mail", "sendEmail", "mail", "email_send"),
        about=("Send an email to an address.", "Write and send a mail with a text to somebody"),
        asks=(
            "[Send|Write|Please send|Can you send] an email to {to}[ saying| with the text| that "
            'says]: "{text}"',
            "[Email|Mail|Please email] {to}: {text}",
            "[Send|Compose|Write] a mail to {to} [with|saying] '{text}'[.|]",
            "[I need to|I have to|I want to] [email|mail|write to] {to}. [The text is|Say|Write] "
            '"{text}".',
            "[Let|Please let] {to} [know|read] '{text}' by email.",
            'Send an email to {to} with the subject "{subject}" and the text "{text}".',
            "email {to} {text}",
        ),
        params=(
            Param(
                "to", "email", ("recipient", "address", "email"), ("The recipient's email address",)
            ),
            Param("text", "sentence", ("body", "message", "content"), ("The text of the email",)),
            Param("subject", "title", ("title", "headline"), ("The subject line",), optional=True),
        ),
        bare=('[Send|Write] an email saying "{text}".',),
        gives=(Param("message_id", "code"),),
        tells=("Your email to {to} is sent.", "Done: the mail went to {to} as {message_id}."),
    ),
    Intent(
        names=("search_email", "find_email", "search_inbox", "searchMail", "look_up_mail"),
        about=("Search the mailbox for emails about a topic.", "Find mails in the inbox by topic"),
        asks=(
            "[Search|Look through|Go through|Scan] my [email|emails|inbox|mailbox] for "
            "{topic}[.|, please.]",
            "[Find|Show me|Get me|List] [all |the |]emails about {topic}[.|]",
            "[Did I get|Have I received|Is there|Do I have] [any mail|an email|a message in my "
            "inbox] about {topic}?",
            "[search mail|email search|find email] {topic}",
            "[Somebody|A colleague|My boss] wrote to me about {topic}[ last week|]. [Where is "
            "that mail|Can you find it in my inbox]?",
            "Search my inbox for emails about {topic} from {sender}.",
        ),
        params=(
            TOPIC,
            Param("sender", "email", ("from", "author"), ("Address of the sender",), optional=True),
        ),
        bare=("[Search|Look through] my [emails|inbox].", "Find [an|the] email."),
        gives=(COUNT, Param("newest", "title")),
        tells=('I found {count} emails about {topic}, the newest is "{newest}".',),
    ),
    Intent(
        names=("read_email", "open_email", "get_email", "readMail", "show_message_body"),
        about=("Read one email by its id.", "Open a mail and show its text"),
        asks=(
            "[Read|Open|Show|Show me|Read me] [the |]email {mail_id}[.|, please.|]",
            "[What is|What's] [in|written in|the text of] email {mail_id}?",
            "[Open|Read|Fetch] mail {mail_id}[ for me| and tell me the text|][.|]",
            "[I'm driving|I can't look at the screen|My hands are wet]. [Read out|Read aloud] "
            "email {mail_id}.",
            "[What did they write|What's written|What do they want] in {mail_id}?",
        ),
        params=(Param("mail_id", "code", ("id", "email_id", "message"), ("The id of the email",)),),
        bare=("[Read|Open|Show] [the|that] [email|mail][ to me|].",),
        gives=(Param("sender", "email"), Param("body", "sentence")),
        tells=('{sender} writes: "{body}"',),
    ),
    Intent(
        names=("unread_emails", "check_inbox", "new_mail", "countUnread", "check_mail"),
        about=("Check the inbox for new emails.", "Tells how many unread emails there are"),
        asks=(
            "[Do I have|Have I got|Is there|Did I get] [any |]new [mail|emails]?",
            "[How many|What number of] unread [emails|mails] [do I have|are there][ in my inbox|]?",
            "[Check|Look at|Please check] my [inbox|mailbox|email|mail][ for me| now|, please|].",
            "Has [anyone|anybody|somebody] [written|mailed|replied] to me[ today| since lunch|]?",
            "[check mail|new emails|unread mail]",
        ),
        gives=(Param("unread", "int"), Param("latest_from", "person")),
        tells=("You have {unread} unread emails, the latest from {latest_from}.",),
    ),
    Intent(
        names=(
            "send_message",
            "text_message",
            "send_sms",
            "sendText",
            "message_contact",
            "write_message",
        ),
        about=("Send a text message to a contact.", "Write a short message to somebody"),
        asks=(
            "[Text|Message|Write|Please text] {contact}: {text}",
            '[Send|Please send|Write] [a message|a text|an SMS] to {contact}[ saying|:] "{text}"',
            "[Tell|Let|Please tell] {contact} [that|this:|from me] '{text}'[.|]",
            '[Send|Text|Message] {contact} "{text}"',
            "[I'm late|I'm on the bus|My hands are full]. [Text|Write to|Message] {contact} "
            "'{text}'.",
            "[Could you|Can you|Please] [let|make] {contact} [know|read this]: {text}",
        ),
        params=(
            FRIEND,
            Param(
                "text", "sentence", ("message", "body", "content"), ("The message", "What to say")
            ),
        ),
        bare=('[Send|Write] a [text |]message[ saying|:] "{text}"',),
        gives=(STATUS,),
        tells=("Your message to {contact} is sent.", "Done: {contact} has your message."),
    ),
    Intent(
        names=("read_messages", "get_messages", "show_messages", "readTexts"),
        about=("Read the latest messages from a contact.", "Show the texts that somebody sent"),
        asks=(
            "[Read|Show|Show me|Read me|Open] [the |my |]messages from {contact}[.|, please.]",
            "[What did|What does] {contact} [write|text me|say|want][ in the messages|]?",
            "[Any|Do I have any|Are there] [new |]messages from {contact}?",
            "messages {contact}",
            "Has {contact} [answered|replied|texted me|written back|said anything][ yet|]?",
        ),
        params=(FRIEND,),
        bare=("[Read|Show] [me |]my [new |]messages.",),
        gives=(COUNT, Param("last", "sentence")),
        tells=('{contact} sent {count} messages, the last says "{last}".',),
    ),
    Intent(
        names=("make_call", "call_contact", "phone_call", "dial", "callPerson"),
        about=("Call a contact on the phone.", "Start a phone call with somebody"),
        asks=(
            "[Call|Phone|Ring|Please call|Dial] {contact}[.|]",
            "[Start|Make|Place] a [phone |]call [to|with] {contact}[.|]",
            "[I want to|I need to|I'd like to] [talk|speak] to {contact}[ on the phone| now|].",
            "[Get|Put] {contact} on the [phone|line][ for me|, please|].",
            "[Can you|Could you] [call|ring|phone] {contact}[ for me|]?",
            "[It's urgent|I miss my friends|I'm bored]. [Connect me with|Get me|Ring up] "
            "{contact}[ now|].",
        ),
        params=(FRIEND,),
        bare=("[Make|Start] a [phone |]call.", "[Call|Phone] [someone|my friend]."),
        gives=(STATUS,),
        tells=("Calling {contact} now.", "Done: the call to {contact} is starting."),
    ),
    Intent(
        names=("dial_number", "call_number", "phone_number_call", "dialNumber"),
        about=("Dial a phone number.", "Call a given number on the phone"),
        asks=(
            "[Dial|Call|Ring|Phone|Please dial|Please call] {number}[.|]",
            "[Call|Dial|Ring] the number {number}[ for me|].",
            "[Make|Place] a [phone |]call to {number}[.|]",
            "[Somebody left me a note|I found this number|They asked me to ring back]: {number}. "
            "[Call it|Dial it|Connect me].",
            "[See who answers|Find out who picks up|Let's hear who is] at {number}[.|, please.]",
        ),
        params=(
            Param(
                "number", "phone", ("phone", "phone_number", "to"), ("The phone number to dial",)
            ),
        ),
        bare=("[Dial|Call] [a|the] number[ for me|].",),
        gives=(Param("call_id", "code"),),
        tells=("Dialing {number}.", "Done: call {call_id} to {number} is placed."),
    ),
    Intent(
        names=("find_contact", "get_contact", "lookup_contact", "searchContacts", "phone_book"),
        about=(
            "Find a contact in the address book.",
            "Look up the phone number and email of a person",
        ),
        asks=(
            "[What is|What's] the [phone number|number|email|contact|email address] of "
            "{person}[?|]",
            "[Tell me|Find|Look up] the [phone number|number|email|contact|email address] of "
            "{person}[.|, please.|]",
            "[Find|Look up|Show|Search] [the contact |]{person} in my [contacts|address "
            "book|phone book][.|]",
            "[contact|contacts|phone number of|number of] {person}",
            "[How|Where] can I [reach|contact|get hold of] {person}?",
            "[Do I have|Do we have|Have I saved] [a number|an address|any contact] for {person}?",
            "[I want to invite|I have to write to|I must reach] {person}. [What's the "
            "number|Which number is it]?",
        ),
        params=(PERSON,),
        bare=("[Look up|Find] a contact[ for me|].", "What's the phone number?"),
        gives=(Param("phone", "phone"), Param("email", "email")),
        tells=(
            "You can reach {person} at {phone}.",
            "The number of {person} is {phone}, the email {email}.",
        ),
    ),
    Intent(
        names=("add_contact", "save_contact", "create_contact", "newContact"),
        about=(
            "Add a person with a phone number to the contacts.",
            "Save a new contact in the address book",
        ),
        asks=(
            "[Add|Save|Store|Please add|Put] {person} [to|in] my contacts, [number|phone|phone "
            "number] {phone}[.|]",
            "[Save|Store|Note] [the number|the phone number] {phone} [for|under|as] {person}[, "
            "please|].",
            "[Create|Make|Add] a [new |]contact[:| for] {person}, {phone}[.|]",
            "[I met|I just met|I got to know] {person}[ at a party| today|]. [The number is|Keep "
            "this number:] {phone}.",
            "new contact {person} {phone}",
        ),
        params=(
            PERSON,
            Param("phone", "phone", ("number", "phone_number", "mobile"), ("The phone number",)),
        ),
        bare=("[Save|Add|Store] the number {phone}[ in my contacts|].",),
        gives=(Param("contact_id", "code"),),
        tells=(
            "{person} is saved with the number {phone}.",
            "Done: contact {contact_id} is added.",
        ),
    ),
    Intent(
        names=("translate_word", "translate", "translation", "translateWord", "to_language"),
        about=(
            "Translate a word into a language.",
            "Get the translation of a word in another language",
        ),
        asks=(
            "[Translate|Please translate|Can you translate] [the word |]{word} [to|into] "
            "{language}[.|]",
            "[What is|What's] the {language} [word|translation] [for|of] {word}[?|]",
            "Tell me the {language} [word|translation] [for|of] {word}[.|, please.|]",
            "[How do|How would|How can] [you|I|people] say {word} in {language}?",
            "[What is|What's] {word} in {language}?",
            "[translate|translation] {word} {language}",
            "[I'm learning|I study|I'm taking a class in] {language}. What is {word} [there|in "
            "that language|over there]?",
            "[Put|Give me] {word} [into|in] {language}[.|, please.]",
        ),
        params=(
            Param("word", "word", ("text", "term", "phrase"), ("The word to translate",)),
            Param(
                "language",
                "language",
                ("target", "to", "target_language", "lang"),
                ("The language to translate into",),
            ),
        ),
        bare=("[Translate|Say] [it|something|a word] [to|into|in] {language}[, please|].",),
        gives=(Param("translation", "pseudo"),),
        tells=(
            '"{word}" in {language} is "{translation}".',
            "The {language} word for {word} is {translation}.",
        ),
    ),
    Intent(
        names=("define_word", "dictionary", "get_definition", "lookupWord", "word_meaning"),
        about=("Look up the meaning of a word in the dictionary.", "Get the definition of a word"),
        asks=(
            "What does [the word |]{word} [mean|really mean|actually mean|stand for]?",
            "[Define|Please define|Look up|Explain] [the word |]{word}[.|]",
            "[What is|What's] the [meaning|definition] of {word}[?|]",
            "[Give me|Find] the [meaning|definition] of {word}[.|, please.|]",
            "[definition|dictionary|define|meaning] {word}",
            "[I read|I heard|I came across] [the word |]{word}[ in a book| today|]. [What is "
            "that|What's it supposed to mean]?",
            "Is {word} [a real word|even a word|in the dictionary|in your dictionary]?",
            "[What|What on earth|What exactly] is a {word}?",
        ),
        params=(Param("word", "pseudo", ("term", "entry", "query"), ("The word to look up",)),),
        bare=("[Look up|Define] [a|this] word[ for me|].", "What does that word mean?"),
        gives=(Param("meaning", "text"),),
        tells=("{word}: {meaning}", "The dictionary says of {word}: {meaning}"),
    ),
    Intent(
        names=("get_synonyms", "find_synonyms", "thesaurus", "similarWords"),
        about=("Find synonyms of a word.", "Words with a similar meaning, from a thesaurus"),
        asks=(
            "[Give me|Find|Show me|List] [some |a few |]synonyms [for|of] {word}[.|, please.]",
            "[What is|What's] [another word|a synonym|a different word] for {word}?",
            "[synonyms|synonym|thesaurus] {word}",
            "[I use|I keep writing|My essay has] {word} too often. [What else could I say|What "
            "can I say instead]?",
            "[How else|In what other way] can I say {word}?",
        ),
        params=(Param("word", "word", ("term", "of"), ("The word to find synonyms for",)),),
        bare=("[Find|Give me] [a synonym|another word].",),
        gives=(Param("synonyms", "words"),),
        tells=("Synonyms of {word}: {synonyms}.",),
    ),
    Intent(
        names=("get_news", "news_headlines", "latest_news", "searchNews", "headlines"),
        about=("Get the latest news about a topic.", "News headlines on a topic"),
        asks=(
            "[Show me|Give me|Get|Read me|Find] the [latest |newest |]news [about|on] "
            "{topic}[.|, please.]",
            "[What's new|What's in the news|Is there any news|What is the latest news] "
            "[about|on] {topic}[ today|]?",
            "[news|headlines|latest news|News about] {topic}",
            "[What is happening|What's going on|What's up] with {topic}[ today| this week| "
            "lately|]?",
            "[I missed the papers|I was away for a week|I've been offline]. [What did I miss "
            "about|What did the press write about|Any headlines on] {topic}?",
            "What are [people|reporters|journalists|the papers] [saying|writing] about {topic}[ "
            "today|]?",
        ),
        params=(TOPIC,),
        bare=("[Show me|Read me|Give me] the [latest |]news[ please|].", "What's in the news?"),
        gives=(Param("headline", "text"),),
        tells=("The latest on {topic}: {headline}", "News about {topic}: {headline}"),
    ),
    Intent(
        names=("get_sports_score", "match_result", "game_score", "sportsScore", "live_score"),
        about=(
            "Get the score of a team's latest match.",
            "Result of the last game of a city's sports team",
        ),
        asks=(
            "[What's|What is] the score of the {team} [game|match][?|]",
            "[Tell me|Show me|Check] the score of the {team} [game|match][.|, please.|]",
            "[How did {team} play|Did {team} win|Did {team} lose|How did {team} do][ today| "
            "yesterday| last night|]?",
            "[score|result|match|Score of] {team}",
            "[Who won|How many points were scored in|How many goals fell in] the {team} "
            "[game|match]?",
            "[I fell asleep|I missed the match|My stream broke]. [How did it end for|Is there a "
            "result for] {team}?",
            "[Can we celebrate|Are the fans happy] in {team}[ tonight| after the match|]?",
        ),
        params=(Param("team", "city", ("club", "side", "name"), ("The team, by its city",)),),
        bare=("[What's the score|Who won][ the match| the game|]?",),
        gives=(Param("goals", "small_int"), Param("against", "small_int")),
        tells=(
            "{team} played {goals} to {against}.",
            "The score of the {team} match is {goals} to {against}.",
        ),
    ),
    Intent(
        names=("get_stock_price", "stock_quote", "share_price", "getStockPrice", "ticker_lookup"),
        about=(
            "Get the current price of a stock by its ticker.",
            "Look up the share price of a company",
        ),
        asks=(
            "[What's|What is] the [stock |share |]price of {ticker}[?|]",
            "[Tell me|Get|Check|Show me] the [stock |share |]price of {ticker}[.|, please.|]",
            "[How much|What] does [a share|one share|stock] of {ticker} [cost|trade at|go for][ "
            "now| today|]?",
            "[stock|stock price|shares|quote|Stock] {ticker}",
            "[How is|How's|How well is] {ticker} [doing|trading][ on the market| today| now|]?",
            "[I own some|I want to buy|I may sell my] {ticker}[ shares|]. [What's it at|What's "
            "the price]?",
            "[Is|Was] {ticker} [up|down|rising|falling][ today| this morning|]?",
        ),
        params=(
            Param(
                "ticker",
                "ticker",
                ("symbol", "stock", "company"),
                ("The ticker symbol", "Symbol of the stock"),
            ),
        ),
        bare=("[What's|Check] the stock price[?|]", "How is the stock doing?"),
        gives=(Param("price", "amount"), Param("currency", "currency")),
        tells=(
            "{ticker} trades at {price} {currency}.",
            "The price of {ticker} is {price} {currency}.",
        ),
    ),
    Intent(
        names=("get_crypto_price", "crypto_price", "coin_price", "cryptoRate", "token_value"),
        about=("Get the price of a crypto coin in a currency.", "Value of a crypto token"),
        asks=(
            "[What's|What is] the [price|value] of the [crypto coin|coin|crypto token] {coin} in "
            "{currency}[?|]",
            "[Tell me|Check|Show me] the [price|value] of the [crypto coin|coin|crypto token] "
            "{coin} in {currency}[.|, please.|]",
            "[crypto|crypto price|coin price] {coin} {currency}",
            "[How many|How much] {currency} [is|would I get for] one {coin} coin[ now| today|]?",
            "[I hold|I bought|I mine] {coin}[ tokens| coins|]. [What would I get for one|What's "
            "one worth] in {currency}?",
            "[Give me|Look up] the crypto rate of {coin} in {currency}[.|, please.]",
        ),
        params=(
            Param("coin", "ticker", ("symbol", "token", "crypto"), ("The symbol of the coin",)),
            Param("currency", "currency", ("in", "fiat", "quote"), ("The currency of the price",)),
        ),
        bare=("What's the crypto price in {currency}?", "How much is the coin worth?"),
        gives=(Param("price", "amount"),),
        tells=("One {coin} is worth {price} {currency}.",),
    ),
    Intent(
        names=(
            "convert_currency",
            "currency_converter",
            "exchange_money",
            "convertCurrency",
            "change_money",
        ),
        about=(
            "Convert an amount of money from one currency to another.",
            "Change money between two currencies",
        ),
        asks=(
            "[Convert|Change|Please convert|Exchange|Can you convert] {amount} {source} "
            "[to|into] {target}[.|]",
            "[How much|What] is {amount} {source} in {target}[?| please?]",
            "{amount} {source} [in|to|as] {target}",
            "[How many|How much] {target} [do I get|will I get|would I get|are there] for "
            "{amount} {source}?",
            "[I'm paying|The bill is|The hotel costs|It says] {amount} {source}. [What's "
            "that|How much is it] in {target}?",
            "[I have|I brought|I found] {amount} {source}[ in my pocket| with me|]. [What's it "
            "worth|How much will that be] in {target}?",
        ),
        params=(
            Param("amount", "amount", ("value", "sum", "quantity"), ("How much money to convert",)),
            Param(
                "source",
                "currency",
                ("from", "from_currency", "base"),
                ("The currency to convert from",),
            ),
            Param(
                "target", "currency", ("to", "to_currency", "into"), ("The currency to convert to",)
            ),
        ),
        bare=("[Convert|Change] {source} [to|into] {target}[, please|].",),
        gives=(Param("result", "amount"),),
        tells=("{amount} {source} is {result} {target}.", "That is {result} {target}."),
    ),
    Intent(
        names=("exchange_rate", "get_exchange_rate", "currency_rate", "fxRate"),
        about=(
            "Get the exchange rate between two currencies.",
            "The rate at which a currency trades for another",
        ),
        asks=(
            "[What's|What is] the exchange rate between {base} and {quote}[?|]",
            "[Tell me|Show me|Check] the exchange rate between {base} and {quote}[.|, please.|]",
            "[exchange rate|rate] {base} {quote}",
            "How does {base} [stand|trade|do|compare] against {quote}[ today| now|]?",
            "Is {base} [strong|weak|high|low] against {quote}[ at the moment| now| these days|]?",
            "[I need|Give me|Get] the rate of {base} in {quote}[.|, please.]",
        ),
        params=(
            Param("base", "currency", ("from", "source"), ("The first currency",)),
            Param("quote", "currency", ("to", "target"), ("The second currency",)),
        ),
        bare=("[What's|Check] the exchange rate[?|]",),
        gives=(Param("rate", "amount"),),
        tells=("One {base} is {rate} {quote}.", "The rate of {base} to {quote} is {rate}."),
    ),
    Intent(
        names=("convert_units", "unit_converter", "convertUnit", "change_units", "measure_convert"),
        about=("Convert a value from one unit to another.", "Change a measurement between units"),
        asks=(
            "[Convert|Please convert|Change|Can you convert] {value} {source} [to|into] "
            "{target}[.|]",
            "[How much|What] is {value} {source} in {target}[?| please?]",
            "{value} {source} [in|to|as] {target}",
            "[How many|How much] {target} [are|is|make|do I get from] {value} {source}?",
            "[The sign says|The recipe says|It says here] {value} {source}. [What's that|How "
            "much is that] in {target}?",
            "[Express|Give me|Write] {value} {source} in {target}[.|, please.]",
        ),
        params=(
            Param("value", "int", ("amount", "number", "quantity"), ("The number to convert",)),
            Param(
                "source", "unit", ("from", "from_unit", "unit_in"), ("The unit to convert from",)
            ),
            Param("target", "unit", ("to", "to_unit", "unit_out"), ("The unit to convert to",)),
        ),
        bare=("[Convert|Change] {source} [to|into] {target}[, please|].",),
        gives=(Param("result", "amount"),),
        tells=("{value} {source} is {result} {target}.", "That makes {result} {target}."),
    ),
    Intent(
        names=("calculate", "calculator", "evaluate_expression", "compute", "doMath", "math"),
        about=(
            "Calculate the value of an expression.",
            "A calculator for arithmetic",
            "Compute the result of a sum or product",
        ),
        asks=(
            "[What is|What's|How much is] {expression}?",
            "[Calculate|Compute|Please calculate|Work out|Evaluate|Solve] {expression}[.|]",
            "[Can you|Could you] [calculate|compute|work out|do] {expression}[ for me|]?",
            "{expression} [=|is what?|equals what?|makes how much?]",
            "[I'm bad at math|My calculator is broken|I need to check a sum]. [What's|How much "
            "is|What do I get for] {expression}?",
            "[Use|Take] the calculator[ for|:] {expression}",
        ),
        params=(
            Param(
                "expression",
                "expression",
                ("formula", "input", "expr"),
                ("The expression to calculate",),
            ),
        ),
        bare=("[Calculate|Compute] something[ for me|].", "Can you use the calculator?"),
        gives=(Param("result", "int"),),
        tells=("{expression} is {result}.", "The result is {result}."),
    ),
    Intent(
        names=(
            "web_search",
            "search_web",
            "internet_search",
            "searchInternet",
            "online_search",
            "search",
        ),
        about=(
            "Search the web for a topic.",
            "Look something up on the internet",
            "Search online and return the first result",
        ),
        asks=(
            "[Search|Please search|Search the web|Search the internet|Do a web search|Look "
            "online] for {query}[.|]",
            "[Look up|Look for|Find] {query} [online|on the web|on the internet][.|]",
            "[Find|Get|Show] me [pages|websites|web pages|something online] about {query}[.|]",
            "[web search|search|search web] {query}",
            "[Can you|Could you] [search|look|check] [the web|the internet|online] for {query}?",
            "[I can't find anything|I need some links|I'd like to read more] about {query}. "
            "[Have a look online|Find pages].",
            "[Where|On which site] can I [read|find something] about {query}[ online|]?",
        ),
        params=(
            Param(
                "query",
                "topic",
                ("q", "search_term", "text", "topic"),
                ("What to search for", "The search query"),
            ),
        ),
        bare=("[Search|Look on] the [web|internet][ for me|].", "Do a web search."),
        gives=(Param("top_result", "text"), Param("link", "url")),
        tells=("I found this: {top_result}", "The first result on {query} is {link}."),
    ),
    Intent(
        names=(
            "encyclopedia",
            "lookup_article",
            "get_article_summary",
            "readEncyclopedia",
            "facts_about",
        ),
        about=(
            "Look up an article in the encyclopedia.",
            "Get a short summary of a topic from the encyclopedia",
        ),
        asks=(
            "[Look up|Find|Open|Read] the [encyclopedia |]article [about|on] {topic}[.|, please.]",
            "What does the encyclopedia [say|tell us|tell|write] about {topic}[?|]",
            "Check what the encyclopedia [says|writes] about {topic}[.|, please.|]",
            "[encyclopedia|article] {topic}",
            "[Give me|I need|Write me] [a short summary|the main facts|some background] "
            "[of|on|about] {topic} from the encyclopedia.",
            "[My child asks about|I have a school report on|I want to learn about] {topic}. "
            "[What do the books say|What are the facts]?",
            "[Summarize|Get] the encyclopedia [entry|article|page] on {topic}[.|, please.]",
        ),
        params=(TOPIC,),
        bare=("[Look something up in|Open] the encyclopedia.",),
        gives=(Param("summary", "text"),),
        tells=("{summary}", "The encyclopedia says: {summary}"),
    ),
    Intent(
        names=(
            "get_directions",
            "find_route",
            "navigate",
            "getRoute",
            "directions",
            "route_planner",
        ),
        about=(
            "Get directions from one place to another.",
            "Find the route between two cities",
            "Navigate by car, foot or bike",
        ),
        asks=(
            "[How do I|How can I|How do we] [get|go|drive|travel] from {origin} to {destination}?",
            "[Give me|Show me|Get|Find|I need] [directions|the route|the way|a route] from "
            "{origin} to {destination}[.|, please.]",
            "[directions|route|navigate|Route] {origin} [to |]{destination}",
            "[Navigate|Guide me|Take me|Lead me] from {origin} to {destination}[.|, please.]",
            "[I'm in|We are in|I start in] {origin} and [want to be in|must get to|need to "
            "reach] {destination}. [Which way|Which road should I take]?",
            "[Get|Show|Find] directions from {origin} to {destination} by {mode}[, please|].",
            "[How far|How long] is [it|the drive|the trip] from {origin} to {destination}?",
        ),
        params=(
            Param("origin", "city", ("from", "start", "from_city"), ("Where the route starts",)),
            Param("destination", "city", ("to", "end", "to_city"), ("Where to go",)),
            Param(
                "mode",
                "word",
                ("transport", "by", "vehicle"),
                ("How to travel",),
                ("car", "bike", "bus"),
                True,
            ),
        ),
        bare=("[Give me directions|Show me the way|Find a route] to {destination}[, please|].",),
        gives=(Param("distance_km", "int"), Param("travel_time", "duration")),
        tells=("From {origin} to {destination} it is {distance_km} km, about {travel_time}.",),
    ),
    Intent(
        names=("find_nearby", "nearby_places", "places_near", "findPlaces", "points_of_interest"),
        about=(
            "Find places of a type nearby in a city.",
            "Search for a pharmacy, bank, cafe or the like near a place",
        ),
        asks=(
            "[Find|Show me|Search for|I need|Look for] a {place_type} [near|in|around] "
            "{city}[.|, please.|]",
            "[Where is|Where's] [a|the nearest|the closest] {place_type} in {city}?",
            "[nearby|nearest|closest|find] {place_type} {city}",
            "[Which|What] {place_type} is [nearby|closest|open] in {city}?",
            "[I'm stuck|I'm on foot|I'm new] in {city}. [Where do I go for|Where can I find] a "
            "{place_type}?",
        ),
        params=(
            Param(
                "place_type",
                "word",
                ("type", "category", "kind"),
                ("The type of place",),
                ("pharmacy", "bank", "cafe", "supermarket", "park", "museum", "hospital"),
            ),
            Param("city", "city", ("near", "location", "place"), ("The city to search in",)),
        ),
        bare=("[Find|Show me] [something|places] nearby in {city}.",),
        gives=(Param("name", "title"), Param("meters", "int")),
        tells=("The nearest {place_type} is {name}, {meters} meters away.",),
    ),
    Intent(
        names=("traffic_report", "get_traffic", "check_traffic", "trafficInfo"),
        about=(
            "Get the traffic report of a city.",
            "Tells about traffic jams on the roads of a place",
        ),
        asks=(
            "[How is|How's|How bad is] the traffic in {city}[ now| today| right now|][?|]",
            "Check the traffic in {city}[.|, please.|]",
            "[Are there|Are there any|Any] [traffic jams|delays|road works] in {city}[ now|]?",
            "[traffic|traffic report|Traffic in] {city}",
            "[Will I|Am I going to|Would I] [get stuck|be late|have to queue] [driving|in my "
            "car] [through|in] {city}[ now|]?",
            "Are the roads [in|around] {city} [clear|jammed|full|busy|blocked][ now| today|]?",
        ),
        params=(CITY,),
        bare=("How's the traffic?", "[Are there|Any] traffic jams?"),
        gives=(
            Param("delay", "duration"),
            Param("traffic", "word", enum=("light", "normal", "heavy")),
        ),
        tells=("Traffic in {city} is {traffic}, with a delay of {delay}.",),
    ),
    Intent(
        names=(
            "find_restaurant",
            "restaurant_search",
            "search_restaurants",
            "findFood",
            "where_to_eat",
        ),
        about=(
            "Find a restaurant in a city that serves a food.",
            "Search restaurants by dish and place",
        ),
        asks=(
            "[Find|Show me|Look for|Search for|Recommend] a [good |cheap |]restaurant "
            "[with|for|that serves] {food} in {city}[.|, please.]",
            "[Where can I|Where can we|Where do people] [eat|get|have|find] [good |]{food} in "
            "{city}?",
            "[restaurant|restaurants|Restaurant] {food} {city}",
            "[Which|What] restaurant in {city} [has|serves|makes] [the best|good] {food}?",
            "[I'm hungry|We're starving|I'm on a trip] in {city}. [Who makes|Where do they "
            "serve] {food}?",
            "[I'd like|I want|We fancy] {food} [tonight|for dinner|for lunch] in {city}.",
        ),
        params=(
            Param("food", "food", ("dish", "cuisine", "meal"), ("The food to eat",)),
            Param("city", "city", ("location", "place", "near"), ("Where the restaurant is",)),
        ),
        bare=("[Find|Show me] a restaurant in {city}.", "Where can I eat in {city}?"),
        gives=(Param("restaurant", "title"), Param("rating", "small_int")),
        tells=("Try {restaurant} in {city}.", "{restaurant} serves {food}; it is rated {rating}."),
    ),
    Intent(
        names=(
            "book_table",
            "reserve_table",
            "restaurant_booking",
            "bookTable",
            "make_reservation",
        ),
        about=("Book a table at a restaurant.", "Reserve seats for some people at a time"),
        asks=(
            "[Book|Reserve|Please book|Can you reserve] a table for {guests} at {restaurant} at "
            "{time}[.|]",
            "[Make|Get|I need] a [reservation|booking] at {restaurant} for {guests} "
            "[people|guests] at {time}[.|]",
            "[Book|Reserve] {restaurant}, {guests} people, {time}",
            "[A party of|A group of] {guests} wants to [eat|dine] at {restaurant} at {time}. "
            "[Book it|Please arrange it].",
            "[We're going out|It's my birthday|I'm meeting clients]: {restaurant}, {time}, "
            "[seats|places|chairs] for {guests}[.|, please.]",
        ),
        params=(
            Param("restaurant", "title", ("name", "venue", "place"), ("Name of the restaurant",)),
            Param(
                "guests",
                "small_int",
                ("people", "party_size", "persons", "seats"),
                ("How many people",),
            ),
            Param("time", "time", ("at", "hour"), ("The time of the booking",)),
        ),
        bare=("[Book|Reserve] a table for {guests} at {time}[, please|].",),
        gives=(Param("booking", "code"),),
        tells=(
            "Your table at {restaurant} is booked for {time}.",
            "Done: booking {booking} for {guests} at {time}.",
        ),
    ),
    Intent(
        names=("find_recipe", "get_recipe", "recipe_search", "searchRecipes", "how_to_cook"),
        about=("Find a recipe for a food.", "Get a recipe and how long it takes to cook"),
        asks=(
            "[Find|Show me|Get|Give me|Look up] a [simple |good |quick |]recipe for {food}[.|, "
            "please.]",
            "[How do I|How can I|How do you|How should I] [cook|make|prepare] {food}?",
            "[recipe|recipes|how to cook|Recipe for] {food}",
            "[I want to|I'd like to|I'm going to] [cook|make] {food}[ tonight| for my family|]. "
            "[What do I need|What's the recipe]?",
            "[My guests love|The kids want|My fridge is full, and we fancy] {food}. [What do I "
            "do in the kitchen|Which ingredients go in]?",
        ),
        params=(Param("food", "food", ("dish", "meal", "query"), ("The dish to cook",)),),
        bare=("[Find|Show me] a recipe[ please|].", "What can I cook[ tonight|]?"),
        gives=(Param("recipe", "title"), Param("cooking_time", "duration")),
        tells=('The recipe "{recipe}" for {food} takes {cooking_time}.',),
    ),
    Intent(
        names=("get_calories", "food_calories", "nutrition_info", "calorieCount"),
        about=("Get the calories of a food.", "Nutrition facts: how many calories a food has"),
        asks=(
            "How many calories [are in|are there in|does one get from|come with] {food}?",
            "[calories|nutrition|calories in] {food}",
            "[Tell me|Show me|Check|Look up] the [calories|nutrition facts|nutrition] of "
            "{food}[.|, please.]",
            "[Is|Would you call] {food} [healthy|fattening|good for my diet]?",
            "[I'm on a diet|I count everything I eat|I want to lose weight]. How much energy is "
            "in {food}?",
        ),
        params=(Param("food", "food", ("item", "dish", "meal"), ("The food",)),),
        bare=("How many calories does it have?",),
        gives=(Param("calories", "int"),),
        tells=("A portion of {food} has {calories} calories.",),
    ),
    Intent(
        names=("play_song", "play_music", "start_song", "playTrack", "music_player"),
        about=("Play a song by its title.", "Start music by the title of the song"),
        asks=(
            '[Play|Please play|Put on|Start|Can you play] [the song |]"{song}"[.|]',
            "[Play|Put on] {song}[ for me| now|, please|][.|]",
            "[I want to|I'd like to|Let me] [hear|listen to] '{song}'[ now|].",
            "[play|music|song] {song}",
            "[Turn on some music|I'm in a dancing mood|This party is boring]: [play |]{song}",
            "[My favorite song is|That tune in my head is|They danced to] '{song}'. [Let's hear "
            "it|Let it sound|Play it].",
        ),
        params=(
            Param(
                "song",
                "song",
                ("title", "track", "name"),
                ("The song to play", "Title of the song"),
            ),
        ),
        bare=("[Play|Put on] a song[ for me| please|].", "[Play|Start] some music."),
        gives=(STATUS,),
        tells=('Now playing "{song}".', 'Done: "{song}" is playing.'),
    ),
    Intent(
        names=("pause_music", "pause_playback", "stop_music", "pausePlayer"),
        about=("Pause the music that is playing.", "Stop the playback of the song"),
        asks=(
            "[Pause|Stop|Please pause|Halt] the [music|song|playback|player][, please| for a "
            "moment| now|][.|]",
            "[pause|pause music|stop music|Stop playing]",
            "[Can you|Could you] [pause|stop] [the music|the song|playing][, please|][?|]",
            "Please [pause|stop] [the music|the song|playing][, please|][.|, please.|]",
            "[Someone is at the door|The phone rings|The baby sleeps|I'm in a call]. "
            "[Silence|Quiet|No more music], please.",
            "[I can't hear myself|I need some quiet|It's too noisy]. [Stop|Pause] [the|this] "
            "[song|music].",
        ),
        gives=(STATUS,),
        tells=("The music is paused.", "Done: playback is paused."),
    ),
    Intent(
        names=("next_song", "skip_song", "next_track", "skipTrack"),
        about=("Skip to the next song.", "Play the next track of the music"),
        asks=(
            "[Skip|Please skip|Skip past] [this|the] [song|track][.|]",
            "[Next|Play the next|Go to the next|Jump to the next] [song|track][, please|][.|]",
            "[I don't like|I hate|I'm tired of|I'm bored by] this [song|tune|track].",
            "[Play|Put on] [another song|a different song|the next one][, please|].",
        ),
        gives=(Param("song", "song"),),
        tells=('The next song is "{song}".', 'Now playing "{song}".'),
    ),
    Intent(
        names=("set_volume", "change_volume", "adjust_volume", "setVolume", "volume"),
        about=("Set the volume in percent.", "Change how loud the music or sound is"),
        asks=(
            "[Set|Turn|Change|Put|Please set] the [volume|sound volume|sound] to {level}[ "
            "percent|%|][.|]",
            "[volume|volume to|Volume] {level}[%| percent|]",
            "[Make|Play] it [louder|quieter|softer][:|, at|, up to] {level} percent[.|, please.]",
            "[My neighbors complain|The baby sleeps|I can't hear a thing]. [Go to|Make it] "
            "{level} percent[ volume| loudness|].",
            "[Turn|Bring] the [music|radio|sound] [up|down] to {level} percent[.|, please.]",
        ),
        params=(
            Param(
                "level", "percent", ("volume", "percent", "value"), ("The volume from 0 to 100",)
            ),
        ),
        bare=("[Change|Set] the volume.", "Make it [louder|quieter]."),
        gives=(STATUS,),
        tells=("The volume is at {level} percent.", "Done: volume {level}."),
    ),
    Intent(
        names=("switch_light", "set_light", "control_lights", "toggleLight", "lights"),
        about=("Switch the light in a room on or off.", "Turn lights on or off in a room"),
        asks=(
            "[Turn|Switch|Please turn|Please switch] {state} the [light|lights] in the {room}[.|]",
            "[Turn|Switch|Set|Put] the {room} [light|lights|lamp] {state}[, please|][.|]",
            "{room} [light|lights] {state}",
            "[Can you|Could you|Would you] [turn|switch] the [light|lights] in the {room} {state}?",
            "[Someone is in|I'm going to|We're leaving] the {room}. Lights {state}[, please|].",
        ),
        params=(ROOM, SWITCH),
        bare=("[Turn|Switch] {state} the [light|lights][, please|].", "Lights {state}[, please|]."),
        gives=(STATUS,),
        tells=("The light in the {room} is {state}.", "Done: {room} light {state}."),
    ),
    Intent(
        names=("set_light_color", "change_light_color", "light_color", "setLampColor"),
        about=("Set the color of the light in a room.", "Change the lamp's color"),
        asks=(
            "[Make|Turn|Set|Change] the [light|lights|lamps] in the {room} [to |]{color}[, "
            "please|][.|]",
            "[Set|Change] the {room} light color to {color}[.|, please.]",
            "[I want|I'd like|Give me] {color} light in the {room}[.|, please.]",
            "{room} [light|lights] {color}",
            "[We're having a party|It's movie night|I want it cozy]. [Bathe|Paint] the {room} in "
            "{color}.",
        ),
        params=(
            ROOM,
            Param("color", "color", ("colour", "hue", "shade"), ("The color of the light",)),
        ),
        bare=("[Make|Set] the light {color}[, please|].",),
        gives=(STATUS,),
        tells=("The light in the {room} is {color} now.", "Done: {color} light in the {room}."),
    ),
    Intent(
        names=("set_thermostat", "set_temperature", "heating", "setRoomTemperature", "thermostat"),
        about=("Set the thermostat of a room to a temperature.", "Change the heating in a room"),
        asks=(
            "[Set|Put|Please set|Change|Turn] the [thermostat|heating|temperature] in the {room} "
            "to {degrees}[ degrees|][.|]",
            "[Heat|Cool|Warm|Bring] the {room} [up |down |]to {degrees} degrees[, please|][.|]",
            "[thermostat|heating|temperature] {room} {degrees}",
            "[It's freezing|It's too cold|It's too hot|I'm sweating] in the {room}. [Make it|I "
            "want|Go to] {degrees} degrees.",
            "[I'd like|I want|We need] {degrees} degrees in the {room}[.|, please.]",
        ),
        params=(
            ROOM,
            Param(
                "degrees",
                "temperature",
                ("temperature", "target", "value"),
                ("The temperature in degrees",),
            ),
        ),
        bare=("[Set|Put] the [thermostat|heating|temperature] to {degrees}[ degrees|].",),
        gives=(STATUS,),
        tells=(
            "The {room} is set to {degrees} degrees.",
            "Done: heating in the {room} at {degrees} degrees.",
        ),
    ),
    Intent(
        names=("room_temperature", "get_room_temperature", "indoor_climate", "readThermometer"),
        about=("Read the temperature in a room of the house.", "How warm it is in a room"),
        asks=(
            "[What's|What is] the temperature in the {room}[?|]",
            "[Tell me|Read|Check] the temperature in the {room}[.|, please.|]",
            "[How warm|How cold|How hot] is [it in |]the {room}[ now| right now|]?",
            "[Is it|Is it still] [warm|cold|cozy|freezing] in the {room}[ now|]?",
            "[thermometer|room temperature] {room}",
            "[Do I need|Should I wear] [warm socks|a scarf|a sweater] in the {room}?",
        ),
        params=(ROOM,),
        bare=("How warm is the room?", "[Check|Read] the room temperature."),
        gives=(Param("temperature", "temperature"), Param("humidity", "percent")),
        tells=(
            "It is {temperature} degrees in the {room}.",
            "The {room} has {temperature} degrees and {humidity} percent humidity.",
        ),
    ),
    Intent(
        names=("lock_door", "door_lock", "set_lock", "controlLock", "smart_lock"),
        about=("Lock or unlock the door of a room.", "Control the lock of a door"),
        asks=(
            "[Please |]{action} the {room} door[.|]",
            "[Can you|Could you|Would you|I want you to|You can] {action} the door [of|to] the "
            "{room}[, please|][.|]",
            "{action} {room}[ door|]",
            "[I'm leaving|I'm home|I forgot my key|It's late]. {action} the {room}[ door|].",
            "[Make sure to|Don't forget to|Go and] {action} the door of the {room}[.|, please.]",
        ),
        params=(
            Param("room", "room", ("door", "location", "area"), ("Which door, by its room",)),
            Param(
                "action",
                "word",
                ("operation", "do", "state"),
                ("Lock or unlock",),
                ("lock", "unlock"),
            ),
        ),
        bare=("[Please |]{action} the door.",),
        gives=(STATUS,),
        tells=("Done: {action} for the {room} door.", "The {room} door: {action} is done."),
    ),
    Intent(
        names=("start_vacuum", "vacuum_room", "clean_room", "robotVacuum", "run_vacuum"),
        about=("Start the robot vacuum in a room.", "Clean the floor of a room with the vacuum"),
        asks=(
            "[Vacuum|Clean|Please vacuum|Sweep|Hoover] the {room}[ now|][.|]",
            "[Start|Run|Use] the [vacuum|robot vacuum|cleaning robot] in the {room}[.|, please.]",
            "[vacuum|clean] {room}",
            "[Can|Could] the [vacuum|robot] [clean|do] the {room}[ now| today|]?",
            "[There are crumbs|There is dust|The dog left hair|Somebody spilled sugar] in the "
            "{room}[ again|].",
            "The floor [of|in] the {room} is [dirty|dusty|a mess].",
        ),
        params=(ROOM,),
        bare=("[Start|Run] the vacuum.", "[Clean|Vacuum] the floor[ please|]."),
        gives=(Param("minutes", "small_int"),),
        tells=("The vacuum is cleaning the {room}, done in {minutes} minutes.",),
    ),
    Intent(
        names=("switch_device", "control_device", "toggle_device", "setDevice", "smart_home"),
        about=("Switch a device at home on or off.", "Turn a smart home device on or off"),
        asks=(
            "[Turn|Switch|Please turn|Please switch] {state} the {device}[.|]",
            "[Turn|Switch|Put] the {device} {state}[, please|][.|]",
            "{device} {state}",
            "[Can you|Could you|I want you to] [turn|switch] the {device} {state}[, please|][.|]",
            "[I left home in a hurry|I'm coming home|I'm already in bed]. [The|Our|My] {device} "
            "[should|must|has to] be {state}.",
        ),
        params=(
            Param("device", "device", ("name", "appliance", "target"), ("The device to switch",)),
            SWITCH,
        ),
        bare=("[Turn|Switch] it {state}[, please|].",),
        gives=(STATUS,),
        tells=("The {device} is {state}.", "Done: {device} {state}."),
    ),
    Intent(
        names=(
            "add_to_shopping_list",
            "shopping_list_add",
            "add_grocery",
            "addShoppingItem",
            "grocery_add",
        ),
        about=("Add an item to the shopping list.", "Put food on the list of groceries to buy"),
        asks=(
            "[Add|Put|Write|Please add] {item} [on|onto] [the|my|our] [shopping|grocery] list[.|]",
            "[We need|I need|We're out of|We ran out of|There's no more] {item}[.|. Put it on "
            "the shopping list.]",
            "[shopping list|buy|groceries|list] {item}",
            "[Remind me to|I have to|I must|Next time I should] buy {item}[ at the store|].",
            "[The fridge is empty|Guests are coming|I'm going shopping later]. [Note down|I'd "
            "better get|We should get] {item}.",
            "[Add|Put] {quantity} {item} on the shopping list[, please|].",
        ),
        params=(
            Param("item", "food", ("product", "name", "grocery"), ("What to buy",)),
            Param(
                "quantity", "small_int", ("count", "amount", "number"), ("How many",), optional=True
            ),
        ),
        bare=("[Add|Put] something [to|on] [the|my] shopping list.",),
        gives=(Param("items", "small_int"),),
        tells=(
            "Added {item}; the list has {items} items.",
            "Done: {item} is on your shopping list.",
        ),
    ),
    Intent(
        names=("show_shopping_list", "get_shopping_list", "read_groceries", "listGroceries"),
        about=("Show the shopping list.", "List the groceries to buy"),
        asks=(
            "[Show|Read|Open|Show me|Read me] [the|my|our] [shopping|grocery] list[, please|][.|]",
            "[What's|What is] on [the|my|our] [shopping|grocery] list?",
            "[What|Which groceries] do [I|we] [need to|have to] buy[ today| at the store|]?",
            "[I'm at the supermarket|I'm standing at the shelf|I'm off to the shops]. [What was "
            "I to get|What do we need]?",
        ),
        gives=(Param("list", "words"),),
        tells=("Your shopping list: {list}.", "You need {list}."),
    ),
    Intent(
        names=(
            "track_parcel",
            "track_package",
            "parcel_status",
            "trackShipment",
            "where_is_parcel",
        ),
        about=("Track a parcel by its code.", "Tells where a package or shipment is"),
        asks=(
            "[Track|Find|Please track|Follow] [my |the |]parcel {code}[.|]",
            "[Where is|Where's|What about] [my |the |][parcel|package|shipment] {code}[ now|]?",
            "[track|parcel|package|tracking] {code}",
            "[When will|When does] [package|parcel|shipment] {code} [arrive|come]?",
            "[I ordered shoes|I'm waiting for a present|The mailman didn't ring]. [Will|Could] "
            "{code} [be near|be here soon|be on its way]?",
            "[What is|What's] the delivery status of {code}[?|]",
            "Check the delivery status of {code}[.|, please.|]",
        ),
        params=(
            Param(
                "code",
                "code",
                ("tracking_number", "tracking_code", "parcel_id"),
                ("The tracking code",),
            ),
        ),
        bare=("[Track|Find] my [parcel|package].", "Where is my [parcel|package|delivery]?"),
        gives=(Param("where", "city"), Param("arrives", "day")),
        tells=(
            "Your parcel is in {where} and arrives {arrives}.",
            "Parcel {code} arrives {arrives}.",
        ),
    ),
    Intent(
        names=("order_status", "get_order", "check_order", "getOrderStatus", "lookup_order"),
        about=("Get the status of an order by its number.", "Check how far an online order is"),
        asks=(
            "[What's|What is] the status of [my |]order {order}[?|]",
            "[Check|Tell me|Show me] the status of [my |]order {order}[.|, please.|]",
            "[How is|How far is|What happened to|What about] [my |]order {order}?",
            "[order|order status|check order] {order}",
            "Has [my |]order {order} [shipped|been paid|gone out|been packed|left][ yet|]?",
            "[I bought something in your shop|I paid a week ago]. [The number is|It's number] "
            "{order}. [Where are my things|Is it on its way]?",
        ),
        params=(
            Param(
                "order",
                "number_id",
                ("order_id", "number", "order_number"),
                ("The number of the order",),
            ),
        ),
        bare=("[Check|What's the status of] my order[?|]", "Has my order shipped?"),
        gives=(Param("state", "word", enum=("paid", "packed", "shipped", "delivered")),),
        tells=("Order {order} is {state}.", "Your order is {state}."),
    ),
    Intent(
        names=("cancel_order", "stop_order", "cancelOrder", "revoke_order"),
        about=("Cancel an order by its number.", "Stop an online order before it ships"),
        asks=(
            "[Cancel|Please cancel|Stop|Revoke] [my |the |]order {order}[.|]",
            "[I want to|I'd like to|I need to|Can I] cancel order {order}[.|, please.]",
            "[I don't want|I no longer need|I don't need] [the things from |]order {order}[, "
            "thanks|].",
            "[I changed my mind|I chose the wrong size|I made a mistake] with {order}. [Don't "
            "send it|Take it back].",
            "cancel {order}",
        ),
        params=(
            Param(
                "order",
                "number_id",
                ("order_id", "number", "order_number"),
                ("The order to cancel",),
            ),
        ),
        bare=("[Cancel|Stop] my order[ please|].",),
        gives=(STATUS,),
        tells=("Order {order} is cancelled.", "Done: your order {order} is cancelled."),
    ),
    Intent(
        names=(
            "search_flights",
            "find_flights",
            "flight_search",
            "searchFlights",
            "book_flight_search",
        ),
        about=(
            "Search flights from one airport to another on a date.",
            "Find a flight between two airports",
        ),
        asks=(
            "[Find|Search|Show me|Look for|I need] [flights|a flight|a cheap flight] from "
            "{origin} to {destination} on {date}[.|, please.|]",
            "[flights|flight|fly] {origin} {destination} {date}",
            "[Is there|Are there|Do they have] [a flight|any flights|flights] from {origin} to "
            "{destination} on {date}?",
            "[I want to|I have to|I'd like to|We want to] fly from {origin} to {destination} on "
            "{date}.",
            "[How much|What] does it cost to [fly|get by plane] from {origin} to {destination} "
            "on {date}?",
            "[I leave|We take off] on {date}, [starting|starting out] at {origin} and landing at "
            "{destination}. [Any planes|What's on offer]?",
        ),
        params=(
            Param(
                "origin", "airport", ("from", "from_airport", "departure"), ("Airport to fly from",)
            ),
            Param(
                "destination", "airport", ("to", "to_airport", "arrival"), ("Airport to fly to",)
            ),
            Param("date", "date", ("on", "day", "departure_date"), ("The date of the flight",)),
        ),
        bare=("[Find|Show me] flights to {destination} on {date}.",),
        gives=(Param("flight", "code"), Param("price", "amount")),
        tells=("Flight {flight} from {origin} to {destination} costs {price}.",),
    ),
    Intent(
        names=("flight_status", "check_flight", "get_flight_status", "flightInfo"),
        about=(
            "Get the status of a flight by its number.",
            "Tells if a flight is on time or delayed",
        ),
        asks=(
            "[What's|What is] the status of flight {flight}[?|]",
            "[Check|Tell me|Show me] the status of flight {flight}[.|, please.|]",
            "Is [my |the |]flight {flight} [on time|delayed|late|punctual][ today|]?",
            "[flight|flight status|check flight] {flight}",
            "[When does|When will|At which gate does] flight {flight} [land|arrive|leave|depart]?",
            "[I'm picking up my mother|I'm at the airport|My taxi is waiting]. Has {flight} "
            "[landed|touched down|come in][ yet|]?",
        ),
        params=(
            Param(
                "flight", "code", ("flight_number", "number", "flight_id"), ("The flight number",)
            ),
        ),
        bare=("Is my flight [on time|delayed]?", "Check [my|the] flight status."),
        gives=(
            Param("status", "word", enum=("on time", "delayed", "boarding")),
            Param("gate", "small_int"),
        ),
        tells=("Flight {flight} is {status}, gate {gate}.",),
    ),
    Intent(
        names=("search_trains", "find_train", "train_schedule", "trainTimes", "rail_connections"),
        about=(
            "Find a train from one city to another.",
            "Train times and rail connections between cities",
        ),
        asks=(
            "[Find|Show me|Search|I need|Look up] [a train|trains|train times|the next train] "
            "from {origin} to {destination}[.|, please.|]",
            "[When does|When is|At what time does] the [next |last |first |]train from {origin} "
            "to {destination}[ leave| go| depart|]?",
            "[train|trains|rail] {origin} {destination}",
            "[Is there|Are there] [a train|any trains|a rail connection] from {origin} to "
            "{destination}?",
            "[I don't like flying|My car is broken|I love the railway]. [Get me by rail|Find a "
            "seat] from {origin} to {destination}.",
            "[Which trains go|What train runs|Is there a train] from {origin} to {destination} "
            "{day}?",
        ),
        params=(
            Param("origin", "city", ("from", "start", "from_station"), ("Where the train leaves",)),
            Param("destination", "city", ("to", "end", "to_station"), ("Where the train goes",)),
            DAY_OR_NONE,
        ),
        bare=(
            "[Find|Show me] a train to {destination}.",
            "When does the next train to {destination} leave?",
        ),
        gives=(Param("departs", "time"), Param("platform", "small_int")),
        tells=("The train to {destination} leaves at {departs} from platform {platform}.",),
    ),
    Intent(
        names=("search_hotels", "find_hotel", "book_hotel", "hotelSearch", "find_room"),
        about=(
            "Find a hotel in a city for some nights.",
            "Search a hotel room for a number of nights",
        ),
        asks=(
            "[Find|Book|Search|Show me|Look for] a [cheap |nice |]hotel in {city} for {nights} "
            "nights[.|, please.|]",
            "[I need|We need|I'd like] a [hotel |]room in {city} for {nights} nights[.|, please.]",
            "[hotel|hotels|Hotel] {city} {nights} nights",
            "[Where can I|Where could we|Where should I] [stay|sleep] {nights} nights in {city}?",
            "[I'm spending|We'll be|I have to stay] {nights} nights in {city}[ for work| on "
            "vacation|]. [I need a bed|Any hotel free]?",
        ),
        params=(
            CITY,
            Param(
                "nights", "small_int", ("stay", "number_of_nights", "length"), ("How many nights",)
            ),
        ),
        bare=("[Find|Book] a hotel for {nights} nights[, please|].",),
        gives=(Param("hotel", "title"), Param("price", "amount")),
        tells=("{hotel} in {city} has a room for {price} a night.",),
    ),
    Intent(
        names=("rent_car", "car_hire", "rental_car", "hireCar", "book_car"),
        about=("Hire a car in a city on a day.", "Rent a car at a place"),
        asks=(
            "[Rent|Hire|Book|Please book|Get me] a [small |rental |]car in {city} [for |]{day}[.|]",
            "[I need|I want|We'd like] [to rent|to hire] a car in {city} {day}[.|, please.]",
            "[car hire|rental car|rent car] {city} {day}",
            "[How much is it|What does it cost] to [rent|hire] a car in {city} {day}?",
            "[I arrive|We land] in {city} {day} and [need wheels|want to drive around|hate buses].",
        ),
        params=(CITY, DAY),
        bare=("[Rent|Hire|Book] a car {day}.",),
        gives=(Param("reservation", "code"), Param("price", "amount")),
        tells=(
            "Your car in {city} is reserved for {price}.",
            "Done: reservation {reservation} costs {price}.",
        ),
    ),
    Intent(
        names=("book_taxi", "call_taxi", "order_cab", "getTaxi", "request_ride"),
        about=("Book a taxi at a time.", "Order a cab or ride for a given time"),
        asks=(
            "[Book|Call|Order|Get me|Please call] a [taxi|cab] [for|at] {time}[.|]",
            "[I need|We need|I want] a [taxi|cab|ride] at {time}[.|, please.]",
            "[taxi|cab] {time}",
            "[Send|Could you send] a [taxi|cab|driver] to my [house|office|door] at {time}[.|, "
            "please.]",
            "[My car is broken|I've been drinking|There's no bus]. [Somebody must drive me "
            "home|Someone should pick me up] at {time}[.|]",
        ),
        params=(
            Param("time", "time", ("pickup_time", "at", "when"), ("When the taxi should come",)),
        ),
        bare=("[Book|Call|Order] [me |]a [taxi|cab].", "I need a [taxi|cab]."),
        gives=(Param("ride_id", "code"),),
        tells=("Your taxi comes at {time}.", "Done: ride {ride_id} is booked for {time}."),
    ),
    Intent(
        names=("find_parking", "parking_spots", "search_parking", "findParking", "free_parking"),
        about=("Find free parking in a city.", "Shows where to park the car"),
        asks=(
            "[Find|Show me|Search|I need|Look for] [a |][free |cheap |]parking "
            "[spot|place|space] in {city}[.|, please.|]",
            "[Where can I|Where do I|Where should I] park[ my car|] in {city}?",
            "[parking|find parking|Parking] {city}",
            "[Is there any|Is there|Any] [free |]parking [left |]in {city}?",
            "[I'm driving in circles|Every street is full|I can't leave my car anywhere] in "
            "{city}.",
        ),
        params=(CITY,),
        bare=("Where can I park?", "Find [a |]parking[ spot|]."),
        gives=(Param("garage", "title"), Param("free_spots", "int")),
        tells=("{garage} in {city} has {free_spots} free spots.",),
    ),
    Intent(
        names=("search_movies", "find_movie", "movie_info", "getMovie", "film_lookup"),
        about=("Get information about a movie by its title.", "Find a film: its year and rating"),
        asks=(
            '[Find|Search|Look up|Show me] the [movie|film] "{title}"[.|, please.|]',
            "[When was|In what year was] the [movie|film] '{title}' [made|released|shot|in the "
            "cinema]?",
            '[How good is|What about|How do people like] the [movie|film] "{title}"?',
            "[movie|film|Movie] {title}",
            "[It's cinema night|We're in for popcorn|My date suggests a film]: '{title}'. [Is it "
            "worth watching|What's the rating]?",
            "[Tell me about|Get information on|What do you know about] the movie: {title}",
        ),
        params=(Param("title", "title", ("movie", "film", "name"), ("Title of the movie",)),),
        bare=("[Find|Look up] a [movie|film][ for me|].",),
        gives=(Param("year", "year"), Param("rating", "small_int")),
        tells=('"{title}" is from {year} and rated {rating}.',),
    ),
    Intent(
        names=(
            "cinema_showtimes",
            "movie_times",
            "get_showtimes",
            "cinemaProgram",
            "now_in_cinema",
        ),
        about=(
            "Get what the cinema of a city shows on a day.",
            "Showtimes of movies in the cinema",
        ),
        asks=(
            "[What's|What is|Which movies are] [on|playing|showing] [at|in] the cinema in {city} "
            "{day}?",
            "[cinema|movies|showtimes] {city} {day}",
            "[Show|Get|Give] me the [showtimes|cinema program|movie times] [for|in] {city} "
            "{day}[.|, please.]",
            "[We want to|I'd like to|Let's] [go to the movies|see a film|watch a movie] {day} in "
            "{city}.",
            "[What can we|What could I] see on the big screen in {city} {day}?",
        ),
        params=(CITY, DAY),
        bare=("[What's|What is] on at the cinema {day}?",),
        gives=(Param("movie", "title"), Param("starts", "time")),
        tells=('The cinema in {city} shows "{movie}" at {starts}.',),
    ),
    Intent(
        names=("find_books", "book_search", "search_books", "searchLibrary", "books_about"),
        about=("Find books about a topic.", "Search the library for a book on a topic"),
        asks=(
            "[Find|Search|Show me|Recommend|Look for] [a book|some books|books] [about|on] "
            "{topic}[.|, please.|]",
            "[Which|What] books [are there|do you know|should I read|does the library have] "
            "[about|on] {topic}?",
            "[books|book|books about|Book on] {topic}",
            "[Is there|Do you have|Does the library have] a [good |]book [about|on] {topic}?",
            "[I have a long train ride|I love reading|I can't sleep without reading]. "
            "[Something|A novel|Anything] about {topic}[, please|].",
        ),
        params=(TOPIC,),
        bare=("[Find|Recommend] [me |]a book.", "What should I read?"),
        gives=(Param("book", "title"), Param("author", "person")),
        tells=('Try "{book}" by {author}.', '"{book}" by {author} is about {topic}.'),
    ),
    Intent(
        names=("find_podcast", "search_podcasts", "podcast_search", "getPodcast", "play_podcast"),
        about=("Find a podcast about a topic.", "Search podcasts and episodes on a topic"),
        asks=(
            "[Find|Play|Search|Recommend|Show me] [a |me a |]podcast [about|on] {topic}[.|, "
            "please.|]",
            "[Which|What] podcasts [are there|do you know|should I hear] [about|on] {topic}?",
            "[podcast|podcasts|Podcast about] {topic}",
            "[I'm on a long drive|I'm cooking|I'm ironing shirts]. [Let me hear people "
            "talk|Something to listen to] about {topic}.",
            "[Is there|Are there] [a podcast|podcasts|an episode] [about|on] {topic}?",
        ),
        params=(TOPIC,),
        bare=("[Find|Play|Recommend] a podcast[ please|].",),
        gives=(Param("show", "title"), Param("length", "duration")),
        tells=('"{show}" has an episode of {length} about {topic}.',),
    ),
    Intent(
        names=("create_note", "save_note", "take_note", "addNote", "write_note", "jot_down"),
        about=("Save a note with a text.", "Write down something in the notes"),
        asks=(
            "[Take|Make|Write|Save|Create|Add] a note: {text}",
            '[Note|Write down|Note down|Jot down|Save] "{text}"[ in my notes|][.|]',
            "[Write|Put|Add|Save] '{text}' [in|to|into] my notes[, please|][.|]",
            "[Please|Can you] [note|write this down|make a note]: {text}",
            '[I have an idea|I want to keep this|Before I lose it]: "{text}"',
            "note {text}",
        ),
        params=(Param("text", "sentence", ("content", "note", "body"), ("The text of the note",)),),
        bare=("[Take|Make|Write] a note[ please|].",),
        gives=(Param("note_id", "code"),),
        tells=("Your note is saved.", "Done: saved as note {note_id}."),
    ),
    Intent(
        names=("search_notes", "find_note", "look_in_notes", "searchNotes"),
        about=("Search the notes for a topic.", "Find a note that the user wrote"),
        asks=(
            "[Search|Look through|Check|Go through] my notes for {topic}[.|, please.|]",
            "[Find|Show me|Open|Read me] [my|the|all] [note|notes] about {topic}[.|]",
            "What have I [written|noted|written down] about {topic}[ in my notes|]?",
            "[notes|find note|my notes on] {topic}",
            "[I scribbled something|I had a thought|I kept a few lines] about {topic}[ once| "
            "last week|]. [Where is it|What was it]?",
        ),
        params=(TOPIC,),
        bare=("[Search|Look through] my notes.",),
        gives=(COUNT, Param("note", "sentence")),
        tells=('I found {count} notes about {topic}: "{note}"',),
    ),
    Intent(
        names=("add_todo", "add_task", "create_task", "newTodo", "todo_add"),
        about=("Add a task to the to-do list.", "Put something to do on the list of tasks"),
        asks=(
            '[Add|Put|Write|Please add] "{task}" [to|on|onto] my [to-do|todo|task] list[.|]',
            "[New task|Add a task|Create a task|Todo|To do]: {task}",
            "[Add|Create|Make] [the|a] task '{task}'[.|, please.|]",
            '[I still have to do this|I have one more job|My boss gave me a job]: "{task}"',
            "[Put|Set] this on my to-do list: {task}",
            'Add the task "{task}" due {day}.',
        ),
        params=(
            Param("task", "sentence", ("text", "title", "todo", "item"), ("The task to do",)),
            Param("day", "day", ("due", "deadline"), ("When it is due",), optional=True),
        ),
        bare=(
            "[Add|Create] a [new |]task[ please|].",
            "[Add|Put] something [to|on] my to-do list.",
        ),
        gives=(Param("task_id", "number_id"),),
        tells=('"{task}" is on your to-do list.', "Done: task {task_id} is added."),
    ),
    Intent(
        names=("list_todos", "show_tasks", "get_tasks", "openTasks"),
        about=("List the open tasks of the to-do list.", "Show what is still to do"),
        asks=(
            "[Show|List|Read|Show me|Read me] [my|the|all] [to-do list|open tasks|tasks|todos][, "
            "please|][.|]",
            "[What's|What is|How much is] on my [to-do|todo|task] list?",
            "[What do I have to|What should I|What else must I] do[ today| next|]?",
            "[Am I done|Have I finished everything|Can I relax], or is [something|anything] "
            "[left|still open]?",
            "[my tasks|todo list|open tasks]",
        ),
        gives=(Param("open", "small_int"), Param("first", "sentence")),
        tells=('You have {open} open tasks, first "{first}".',),
    ),
    Intent(
        names=("complete_task", "finish_task", "mark_done", "completeTodo", "check_off"),
        about=("Mark a task as done by its number.", "Check off a finished task of the to-do list"),
        asks=(
            "[Mark|Please mark|Set] task {task_id} as [done|complete|completed|finished][.|]",
            "[I did task|I finished task|I'm done with task|I completed task] {task_id}[, check "
            "it off|].",
            "[Check|Tick|Cross] off [task |number |]{task_id}[ on my list|][.|]",
            "[That was hard work|Finally|At last], {task_id} is [behind me|off my desk|taken "
            "care of].",
            "[done|finish|complete] {task_id}",
        ),
        params=(
            Param("task_id", "number_id", ("id", "task", "number"), ("The number of the task",)),
        ),
        bare=("[Mark|Check off] [a|the|my] task[ as done|].",),
        gives=(STATUS,),
        tells=("Task {task_id} is done.", "Done: task {task_id} is checked off."),
    ),
    Intent(
        names=("get_birthday", "find_birthday", "birthday_of", "birthdayLookup"),
        about=("Get the birthday of a contact.", "When somebody was born or turns a year older"),
        asks=(
            "[When is|What's] the birthday of {contact}[?|]",
            "[Tell me|Look up] the birthday of {contact}[.|, please.|]",
            "[When does|When will] {contact} [have a birthday|turn a year older|celebrate]?",
            "[birthday|birthday of|Birthday] {contact}",
            "[When was|On what day was|On what date was] {contact} born?",
            "[When do I|When must I] [buy a present|bake a cake|send a card] for {contact}?",
        ),
        params=(FRIEND,),
        bare=("When is the birthday?", "[Look up|Find] a birthday."),
        gives=(Param("birthday", "date"),),
        tells=("The birthday of {contact} is {birthday}.", "{contact} was born on {birthday}."),
    ),
    Intent(
        names=("save_birthday", "add_birthday", "store_birthday", "birthdayAdd"),
        about=("Save the birthday of a contact.", "Store the date on which somebody was born"),
        asks=(
            "[Save|Store|Add|Note|Remember] the birthday of {contact}[:| on|,] {date}[.|]",
            "[Save|Note|Remember] that {contact} was born on {date}[.|, please.]",
            "{contact}'s birthday is {date}[, remember it|, save that|. Please store it].",
            "add birthday {contact} {date}",
            "[I never send a card in time|I always forget the cake]: {contact}, {date}. [Keep "
            "that in mind|Don't let me miss it].",
        ),
        params=(
            FRIEND,
            Param("date", "date", ("birthday", "born", "on"), ("The date of the birthday",)),
        ),
        bare=("[Save|Store|Add] a birthday on {date}.",),
        gives=(STATUS,),
        tells=("The birthday of {contact} is saved: {date}.",),
    ),
    Intent(
        names=("get_horoscope", "horoscope", "daily_horoscope", "readStars", "zodiac"),
        about=("Get the horoscope for a zodiac sign.", "What the stars say for a sign today"),
        asks=(
            "[What's|What is] [the|today's] horoscope for {sign}[?|]",
            "[Read me|Show me|Tell me|Give me] [the|today's] horoscope for {sign}[.|, please.|]",
            "[horoscope|zodiac|stars|Horoscope] {sign}",
            "What do the stars say [for|about|to] {sign}[ today|][?|]",
            "Tell me what the stars say [for|about|to] {sign}[ today|][.|, please.|]",
            "[I'm|My sign is|My girlfriend is|I was born as] {sign}. [What's my horoscope|Will "
            "it be a lucky day|What will fate bring]?",
            "Will {sign} [have luck|find love|have a good day|be lucky][ today| this week|]?",
        ),
        params=(
            Param(
                "sign",
                "word",
                ("zodiac", "star_sign", "zodiac_sign"),
                ("The zodiac sign",),
                (
                    "aries",
                    "taurus",
                    "gemini",
                    "cancer",
                    "leo",
                    "virgo",
                    "libra",
                    "scorpio",
                    "pisces",
                ),
            ),
        ),
        bare=("[Read me|What's] my horoscope[?|]",),
        gives=(Param("horoscope", "text"),),
        tells=("The stars say for {sign}: {horoscope}",),
    ),
    Intent(
        names=("random_number", "generate_number", "pick_number", "randomInt", "draw_number"),
        about=("Get a random number between two numbers.", "Pick a number by chance from a range"),
        asks=(
            "[Give me|Pick|Generate|Choose|Draw|Get] a [random |]number between {low} and "
            "{high}[.|, please.|]",
            "[random|random number|number] {low} {high}",
            "[Pick|Choose] any number, [at least|from] {low} and [at most|up to] {high}[.|]",
            "[We're holding a raffle|I can't decide|We play a game]. [Tickets run|Numbers go] "
            "from {low} to {high}. [Pick a winner|Draw one].",
            "[I need|I want] a random [number|integer] from {low} to {high}[.|, please.]",
        ),
        params=(
            Param("low", "small_int", ("min", "minimum", "from"), ("The smallest number",)),
            Param("high", "int", ("max", "maximum", "to"), ("The largest number",)),
        ),
        bare=("[Pick|Give me] a [random |]number[ please|].",),
        gives=(Param("number", "int"),),
        tells=("Your number is {number}.", "I drew {number}."),
    ),
    Intent(
        names=("roll_dice", "throw_dice", "dice", "rollDice", "roll_die"),
        about=("Roll dice and get the total.", "Throw a number of dice and add them up"),
        asks=(
            "[Roll|Throw|Please roll|Cast|Toss] {dice} dice[, please| for me|][.|]",
            "[Can you|Could you] [roll|throw|toss] {dice} dice[ for me|]?",
            "[dice|roll|roll dice] {dice}",
            "[It's my turn|We play a board game|My dragon attacks]. [Roll|I have|I get|Throw] "
            "{dice} dice.",
            "[What do I get|What comes up] [with|on|if I roll|if I throw] {dice} dice?",
        ),
        params=(Param("dice", "small_int", ("count", "number", "n"), ("How many dice",)),),
        bare=("[Roll|Throw] the dice.",),
        gives=(Param("total", "small_int"),),
        tells=("The dice show {total}.", "You rolled {total}."),
    ),
    Intent(
        names=("flip_coin", "toss_coin", "coin_flip", "flipCoin", "heads_or_tails"),
        about=("Flip a coin to decide.", "Toss a coin: heads or tails"),
        asks=(
            "[Flip|Toss|Throw|Please flip|Please toss] a coin[ for me|, please|][.|]",
            "[Heads or tails|coin flip|flip coin][?|]",
            "[Can you|Could you] [flip|toss] a coin[ for me|, please|]?",
            "[We can't agree|I can't decide|Help us choose]. [Toss a coin|Flip a coin|Is it "
            "heads or tails].",
            "Let [chance|a coin|luck] decide[.|, please.|]",
        ),
        gives=(Param("side", "word", enum=("heads", "tails")),),
        tells=("It is {side}.", "The coin shows {side}."),
    ),
    Intent(
        names=("get_quote", "random_quote", "quote_about", "findQuote", "inspire"),
        about=("Get a quote about a topic.", "A wise saying or quotation on a topic"),
        asks=(
            "[Give me|Find|Show me|Tell me|I need] a [nice |wise |famous |]quote [about|on] "
            "{topic}[.|, please.|]",
            "[quote|quotes|quotation|Quote about] {topic}",
            "[Do you know|Is there|Have you got] a [good |]quote [about|on] {topic}?",
            "[I'm giving a speech|I'm writing a card|I need some wisdom] about {topic}. [What "
            "did wise people say|Any famous words]?",
            "[Inspire me|Cheer me up] with a [saying|quote|quotation] about {topic}[.|, please.]",
        ),
        params=(TOPIC,),
        bare=("[Give me|Tell me] a quote[ please|].",),
        gives=(Param("quote", "text"), Param("author", "person")),
        tells=('{author} said: "{quote}"',),
    ),
    Intent(
        names=("tell_joke", "get_joke", "joke", "jokeAbout", "make_me_laugh"),
        about=("Get a joke about a topic.", "Tells a funny joke on a topic"),
        asks=(
            "[Tell me|Give me|Find|I want to hear] a [funny |good |new |]joke about {topic}[.|, "
            "please.|]",
            "[joke|jokes|joke about|Joke on] {topic}",
            "[Do you know|Have you got|Is there] a [good |]joke about {topic}?",
            "[Make me laugh|Make us laugh|Say something funny] about {topic}[.|, please.]",
            "[What's funny|Is there anything funny] about {topic}?",
            "[I'm sad|I'm bored|My day was awful]. [Something with|Cheer me up with a bit of fun "
            "about] {topic}.",
        ),
        params=(TOPIC,),
        bare=("[Tell me|Get|Find] a joke from the joke book.",),
        gives=(Param("joke", "text"),),
        tells=("{joke}", "Here is one: {joke}"),
    ),
    Intent(
        names=("search_photos", "find_photos", "photo_search", "searchPictures", "show_pictures"),
        about=("Search the photos for a thing.", "Find pictures in the album that show something"),
        asks=(
            "[Find|Show me|Search|Get] [my |all |the |][photos|pictures|images] [of|with] "
            "{subject}[.|, please.|]",
            "[Search|Look through|Go through] my [photos|pictures|album|gallery] for {subject}[.|]",
            "[photos|pictures|images] {subject}",
            "[Do I have|Are there|Have I taken] [any |][photos|pictures] of {subject}?",
            "[I took a shot|I want to see what I snapped|I made a nice picture] of {subject}[ on "
            "vacation|]. [Where is it|Can you find it]?",
            "[Show|Find] photos of {subject} from {year}[.|]",
        ),
        params=(
            Param("subject", "topic", ("query", "topic", "what"), ("What the photo shows",)),
            Param(
                "year", "year", ("from_year", "taken"), ("The year it was taken",), optional=True
            ),
        ),
        bare=("[Search|Look through] my photos.", "Find [a photo|some pictures]."),
        gives=(COUNT, Param("newest", "filename")),
        tells=(
            "I found {count} photos of {subject}.",
            "There are {count} pictures, the newest is {newest}.",
        ),
    ),
    Intent(
        names=("take_photo", "camera", "take_picture", "shootPhoto", "capture_image"),
        about=("Take a photo with the camera.", "Use the front or back camera to take a picture"),
        asks=(
            "[Take|Please take|Shoot|Capture|Make] a [photo|picture] with the {camera} camera[.|]",
            "[Use|Open] the {camera} camera [and take|for] a [photo|picture][.|]",
            "[camera|photo|picture] {camera}",
            "[Everybody smile|What a view|Say cheese|Look at that]! [Use|Snap with|Click] the "
            "{camera} camera.",
            "[Can you|Could you] [take|snap] a [picture|photo] with the {camera} camera?",
        ),
        params=(
            Param(
                "camera",
                "word",
                ("lens", "side", "which"),
                ("Which camera to use",),
                ("front", "back"),
            ),
        ),
        bare=("[Take|Shoot] a [photo|picture].",),
        gives=(Param("saved_as", "filename"),),
        tells=("The photo is saved as {saved_as}.", "Done: {saved_as} is in your album."),
    ),
    Intent(
        names=("battery_level", "get_battery", "check_battery", "batteryStatus", "battery"),
        about=("Get the battery level of the phone.", "Tells how much charge the battery has left"),
        asks=(
            "[How full is the battery|What's the battery level|How much battery is left|How much "
            "charge is left][ now|]?",
            "[Check|Show|Tell me|Show me] [the|my] battery[ level| status| charge|][.|]",
            "[battery|battery level|Battery status]",
            "[Do I need a charger|Should I plug in the phone|Is it time to charge][ soon| now|]?",
            "[Will|Can] my phone [last|survive|make it] [until tonight|all day|through the "
            "evening]?",
        ),
        gives=(Param("level", "percent"),),
        tells=("The battery is at {level} percent.", "You have {level} percent left."),
    ),
    Intent(
        names=("set_bluetooth", "toggle_bluetooth", "bluetooth", "switchBluetooth"),
        about=("Turn bluetooth on or off.", "Switch the bluetooth of the phone"),
        asks=(
            "[Turn|Switch|Please turn|Please switch] {state} bluetooth[.|]",
            "[Turn|Switch|Set|Put] bluetooth {state}[, please| now|][.|]",
            "bluetooth {state}",
            "[Can you|Could you|I want you to] [turn|switch] bluetooth {state}[, please|][.|]",
            "[My headphones won't connect|I want to pair a speaker|I don't use my headset]. "
            "Bluetooth {state}[, please|].",
        ),
        params=(SWITCH,),
        bare=("[Change|Set] bluetooth.",),
        gives=(STATUS,),
        tells=("Bluetooth is {state}.", "Done: bluetooth {state}."),
    ),
    Intent(
        names=("set_wifi", "toggle_wifi", "wifi", "switchWifi", "wireless"),
        about=("Turn wifi on or off.", "Switch the wireless network of the phone"),
        asks=(
            "[Turn|Switch|Please turn|Please switch] {state} [wifi|the wifi|my wifi][.|]",
            "[Turn|Switch|Set|Put] [wifi|the wifi|the wireless network] {state}[, please| "
            "now|][.|]",
            "[wifi|wireless] {state}",
            "[Can you|Could you|I want you to] [turn|switch] the wifi {state}[, please|][.|]",
            "[I'm on a plane|I'm home again|The web is slow]. [Wifi|Wireless] {state}[, please|].",
        ),
        params=(SWITCH,),
        bare=("[Change|Set] the wifi.",),
        gives=(STATUS,),
        tells=("Wifi is {state}.", "Done: wifi {state}."),
    ),
    Intent(
        names=(
            "set_brightness",
            "screen_brightness",
            "adjust_screen",
            "setBrightness",
            "dim_screen",
        ),
        about=(
            "Set the brightness of the screen in percent.",
            "Make the screen brighter or darker",
        ),
        asks=(
            "[Set|Change|Put|Turn|Please set] the [brightness|screen brightness] to {level}[ "
            "percent|%|][.|]",
            "[brightness|screen|Brightness] {level}[%| percent|]",
            "[Dim|Brighten] the screen to {level} percent[, please|][.|]",
            "[Make|I want] the [screen|display] [brighter|darker][:|,] {level} percent[.|, "
            "please.]",
            "[My eyes hurt|I can't see a thing in the sun|It's dark here]. [The display should "
            "be|Bring the display] at {level} percent.",
        ),
        params=(
            Param(
                "level",
                "percent",
                ("brightness", "percent", "value"),
                ("Brightness from 0 to 100",),
            ),
        ),
        bare=("[Dim|Brighten] the screen.", "Change the [screen |]brightness."),
        gives=(STATUS,),
        tells=("The screen is at {level} percent.", "Done: brightness {level} percent."),
    ),
    Intent(
        names=("find_phone", "ring_device", "locate_phone", "findMyPhone", "lost_phone"),
        about=("Ring the lost phone of a person.", "Find where somebody's phone is"),
        asks=(
            "[Find|Locate|Search|Please find|Look for] the phone of {contact}[.|]",
            "[Where is|Where's] the phone of {contact}?",
            "[find phone|locate phone] {contact}",
            "{contact} [lost the phone|can't find the phone|left the phone somewhere]. [Make it "
            "ring|Tell me where it is].",
            "[Let|Make] {contact}'s phone [ring|play a sound][, please|][.|]",
        ),
        params=(
            Param("contact", "first_name", ("owner", "name", "person"), ("Whose phone it is",)),
        ),
        bare=("[Find|Locate] the [lost |]phone.",),
        gives=(Param("seen_in", "room"),),
        tells=("The phone of {contact} is in the {seen_in}.",),
    ),
    Intent(
        names=("get_balance", "bank_balance", "account_balance", "checkBalance", "money_left"),
        about=("Get the balance of a bank account.", "How much money is in the account"),
        asks=(
            "[What's|What is] the balance of [my |]account {account}[?|]",
            "[Check|Tell me|Show me] the balance of [my |]account {account}[.|, please.|]",
            "[How much|What] money [is|do I have|is left] [in|on] [my |]account {account}?",
            "[balance|bank balance|account] {account}",
            "[Can I|Could I] [afford a vacation|buy a new bike|pay my rent] [from|with] account "
            "{account}?",
            "Has my [salary|wage|paycheck] [come in|arrived|landed] on [account |]{account}[ "
            "yet|]?",
        ),
        params=(
            Param(
                "account",
                "number_id",
                ("account_id", "number", "account_number"),
                ("The number of the account",),
            ),
        ),
        bare=("[What's|Check] my [bank |]balance[?|]", "How much money do I have?"),
        gives=(Param("balance", "amount"), Param("currency", "currency")),
        tells=(
            "Account {account} holds {balance} {currency}.",
            "Your balance is {balance} {currency}.",
        ),
    ),
    Intent(
        names=("transfer_money", "send_money", "bank_transfer", "transferFunds", "pay_person"),
        about=(
            "Transfer money to a person.",
            "Send an amount of a currency to somebody from the bank",
        ),
        asks=(
            "[Transfer|Send|Please send|Wire|Pay] {amount} {currency} to {person}[.|]",
            "[Send|Pay|Give|Wire] {person} {amount} {currency}[.|, please.|]",
            "[Make|Start|Create] a [money |bank |]transfer of {amount} {currency} to {person}[.|]",
            "[I owe|I still owe|I borrowed from] {person}[:|,] {amount} {currency}. [Send "
            "it|Settle that|Pay it back].",
            "[transfer|pay|send] {person} {amount} {currency}",
        ),
        params=(
            Param("person", "person", ("to", "recipient", "payee"), ("Who gets the money",)),
            Param("amount", "amount", ("sum", "value", "money"), ("How much to send",)),
            Param(
                "currency",
                "currency",
                ("unit", "currency_code", "in"),
                ("The currency of the amount",),
            ),
        ),
        bare=("[Transfer|Send] {amount} {currency}[, please|].",),
        gives=(Param("transfer_id", "code"),),
        tells=(
            "{amount} {currency} is on its way to {person}.",
            "Done: transfer {transfer_id} to {person}.",
        ),
    ),
    Intent(
        names=("pay_bill", "settle_invoice", "bill_payment", "payBill", "pay_invoice"),
        about=("Pay a bill by its number.", "Settle an invoice from the bank account"),
        asks=(
            "[Pay|Please pay|Settle|Can you pay] [the |my |][bill|invoice] {bill}[.|]",
            "[I want to|I need to|I have to] [pay|settle] [the |][bill|invoice] {bill}[ "
            "today|][.|]",
            "[pay|bill|pay bill] {bill}",
            "[They sent me a warning|The letter is red|It's overdue]: {bill}. [Take care of "
            "it|Get it off the table|Pay it].",
            "[Get|Have] [bill|invoice] {bill} paid[ today| from my account|][.|]",
        ),
        params=(
            Param("bill", "code", ("bill_id", "invoice", "number"), ("The number of the bill",)),
        ),
        bare=("[Pay|Settle] [the|my] [bill|invoice].",),
        gives=(STATUS,),
        tells=("Bill {bill} is paid.", "Done: {bill} is settled."),
    ),
    Intent(
        names=("list_bills", "unpaid_bills", "get_bills", "openInvoices", "due_bills"),
        about=("List the bills that are not paid yet.", "Show open invoices and what is due"),
        asks=(
            "[Which|What] [bills|invoices] [are open|are due|do I have to pay|are unpaid]?",
            "[Show|List|Show me|Give me] [my|the|all] [open |unpaid |][bills|invoices][, "
            "please|][.|]",
            "[Do I have|Are there] [any |][unpaid|open|due] [bills|invoices]?",
            "[my bills|open bills|unpaid invoices]",
            "[Do I owe anyone money|Do I owe anybody anything|Am I behind with my payments][ "
            "this month|]?",
        ),
        gives=(COUNT, Param("total", "amount")),
        tells=("You have {count} open bills, {total} in total.",),
    ),
    Intent(
        names=("list_expenses", "spending_report", "how_much_spent", "getSpending", "expenses"),
        about=(
            "Get how much money was spent on a category.",
            "Spending report for food, rent, travel and the like",
        ),
        asks=(
            "[How much|What] [did I spend|have I spent|do I spend] on {category}[ this month| so "
            "far|]?",
            "[Show|Give|Tell] me my [spending|expenses|costs] [on|for] {category}[.|, please.]",
            "[spending|expenses|costs] {category}",
            "[My wallet is empty|I want to save money|I'm over budget]. [Did I waste too much "
            "on|How much went into|Did I waste a lot on] {category}?",
        ),
        params=(
            Param(
                "category",
                "word",
                ("type", "kind", "group"),
                ("The category of spending",),
                ("food", "rent", "travel", "clothes", "books", "fuel"),
            ),
        ),
        bare=("How much [did I spend|have I spent]?", "Show my [spending|expenses]."),
        gives=(Param("spent", "amount"), Param("currency", "currency")),
        tells=("You spent {spent} {currency} on {category}.",),
    ),
)
