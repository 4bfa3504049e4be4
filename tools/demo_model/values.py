"""Values of many kinds for the demo model's conversations: what users name, what tools return.

The model must learn to copy any string, so there are as many as can be made: lists of real words,
and words put together from syllables. Every word is either for training or held out (by its CRC),
and a held-out value is made of held-out words: the model never saw it, nor its words as values.
Kinds without words (numbers, dates, codes) and a few closed ones (units, days) have no such split.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from random import Random
from types import MappingProxyType
from typing import Any
from zlib import crc32

from tools.demo_model.data import lexicon


@dataclass(frozen=True)
class Value:
    """`text` as it stands in a request, `json` as the argument: the same characters."""

    text: str
    json: Any


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _entries(text: str) -> tuple[str, ...]:
    """Entries that may have several words, between commas."""
    return tuple(" ".join(entry.split()) for entry in text.split(",") if entry.strip())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


FIRST_NAMES = _words(
    """
    Aaron Abdul Abebe Abena Adaeze Adam Adele Aditi Adrian Agnes Ahmed Aiko Aisha Akira Alan Alba
    Albert Alejandro Alena Alex Alice Alina Amara Amelia Amina Amir Amit Ana Anders Andrea Andrei
    Angela Anika Anita Anna Anton Antonio Anya Arash Ariana Arjun Arnold Arthur Asha Astrid Aurora
    Axel Ayesha Ayumi Barbara Bashir Beatriz Ben Benedikt Bianca Birgit Bjorn Bogdan Boris Brenda
    Bruno Camila Carl Carla Carlos Carmen Caroline Catalina Cedric Celine Chandra Charlotte Chen
    Chiara Chidi Chinwe Chloe Christian Clara Claudia Connor Cora Cyrus Dagmar Daisuke Dalia Damian
    Daniel Daniela Dara Daria David Davide Deepa Delia Dennis Devika Dewi Diana Diego Dimitri Dina
    Dmitri Dominik Dora Dorothea Duc Ebba Eduardo Efua Eileen Elena Eleni Elias Elif Elin Elisa
    Ella Elsa Emeka Emil Emilia Emily Emma Enrique Eric Erika Esra Esther Eva Evelyn Fabian Fadi
    Farah Farid Fatima Felix Fernanda Fiona Flora Francesca Frank Franziska Freya Frida Gabriel
    Galina George Gerard Giorgio Giulia Gloria Goran Grace Greta Guido Gustav Hakan Hamza Hana
    Hannah Hans Harald Haruki Hassan Heidi Helen Helga Henrik Hiroshi Hugo Ian Ibrahim Ida Ines
    Ingrid Irina Iris Isaac Isabel Ivan Ivana Jack Jacob Jakub Jamal James Jana Jasmin Javier Jean
    Jelena Jerome Jin Joana Johan John Jolanta Jonas Jorge Josef Joy Juan Judith Julia Julian Jun
    Kamal Kamila Karim Karin Katarina Kavya Keiko Kenji Kerstin Kevin Khadija Kiran Klaus Kofi
    Kwame Lars Latifa Laura Layla Leandro Leila Lena Leo Leon Leticia Li Liam Lina Linh Lionel
    Livia Lorenzo Louise Lucas Lucia Ludmila Luis Lukas Luna Magnus Mahmoud Mai Malik Manuel Mara
    Marco Margot Maria Marie Marina Mario Marta Martin Mateo Matilda Maya Mehmet Mei Melissa Mia
    Michael Miguel Mikael Milan Milena Minh Mira Miriam Mohamed Monika Nadia Naoko Nasrin Natalia
    Nathan Neha Nia Nicolas Niko Nils Nina Noah Nora Olaf Oleg Olga Oliver Olivia Omar Oscar Otto
    Pablo Paloma Paolo Parisa Patricia Paul Paula Pedro Peter Petra Pia Pierre Piotr Priya Quentin
    Rachel Radek Rafael Rahul Ralph Ramona Rania Rashid Ravi Rebecca Renata Ricardo Rita Robert
    Rosa Ruben Ruth Ryan Sabine Said Salma Samir Samuel Sandra Sanjay Sara Sarah Satoshi Sebastian
    Selim Serena Sergei Shirin Silvia Simon Sina Sofia Sonja Stefan Stella Sunita Susan Sven Tamara
    Tanya Tariq Tatiana Teresa Thandiwe Theo Thomas Tim Tobias Tomasz Tove Ursula Valentina Vera
    Victor Vikram Viktoria Vincent Wanda Wei William Xavier Ximena Yannick Yara Yasmin Yosef Yuki
    Yusuf Zara Zeynep Zofia Zoltan
    """
)

FAMILY_NAMES = _words(
    """
    Abbott Abe Achebe Adams Adeyemi Aguilar Ahmadi Ahn Akhtar Alvarez Amari Andersen Anderson
    Antonov Aoki Aquino Arnold Asante Ashford Aslan Atkins Aydin Bailey Baker Balogun Banerjee
    Baranov Barbieri Barker Bauer Beaumont Becker Bell Bellini Benitez Bergman Bernard Berry
    Bianchi Bishop Blake Blanc Bogdanov Bondar Borg Boucher Bowman Brandt Braun Brennan Brooks
    Brown Bukowski Burke Byrne Cabrera Calder Campos Cardoso Carlson Carter Castillo Castro
    Chandler Chang Chaudhry Cho Chopra Christensen Clark Colombo Conti Cooper Cortez Costa Cruz
    Dahl Dalton Danso Das Davies Delgado Demir Desai Deshmukh Diaz Dietrich Dimitrov Dixon Dlamini
    Doyle Dubois Dumont Dvorak Ebert Eckert Edwards Egger Ekstrom Eliasson Ellis Engel Eriksen
    Escobar Esposito Evans Farouk Faulkner Fernandez Ferrari Ferreira Fischer Fleming Flores
    Fontaine Forster Foster Fournier Fraser Frost Fuchs Fujita Gallagher Gallo Garcia Garner
    Gauthier Ghosh Gibson Gill Giordano Glover Gomez Gordon Graham Grant Greco Greene Griffin
    Gruber Guerrero Gunnarsson Gupta Haas Haddad Hagen Hahn Hall Halvorsen Hansen Hara Harper
    Harris Hartmann Hasan Hayashi Hayes Hedlund Heller Henderson Herrera Hill Hoang Hoffmann Holm
    Holt Horvat Horvath Hosseini Huang Hughes Hussain Ibarra Ikeda Ilic Inoue Ishikawa Ito Ivanov
    Iyer Jackson Jansen Jensen Jimenez Johansson Jones Joshi Jovanovic Kaiser Kaminski Kang Kaplan
    Kapoor Karlsson Kato Kaur Keller Kelly Khan Kim Kimura King Kiplagat Klein Knight Koch Kowalski
    Kozlov Kraus Krishnan Kruger Kumar Kuznetsov Lambert Lang Larsen Laurent Lehmann Lemaire Leone
    Lewis Lim Lindgren Liu Lombardi Lopez Lozano Lund Mackenzie Maier Malhotra Mancini Marchetti
    Marino Marsh Martel Martinez Mason Matsuda Mbeki Mehta Meier Mendoza Mensah Meyer Miller Mills
    Mitchell Miyamoto Mohamud Molina Moller Morales Moreau Moreno Moretti Mori Morris Moyo
    Mukherjee Muller Murphy Murray Mwangi Nagy Nair Nakamura Navarro Ndiaye Nelson Neumann Nguyen
    Nielsen Nikolaev Nishida Nkosi Novak Nowak Oakley Obi Ochoa Odhiambo Ogawa Okafor Okada Okoye
    Olsen Omondi Ono Orlov Ortiz Osei Ostrowski Otieno Owens Ozturk Pacheco Palmer Papadakis Park
    Parker Patel Pavlov Pena Pereira Perez Perrin Petersen Petrov Pham Phillips Pinto Popescu
    Porter Price Prieto Quigley Quinn Rahman Ramirez Rao Rasmussen Reddy Reed Reyes Ricci Richter
    Rivera Robinson Rodriguez Rojas Romano Romero Rossi Roth Rousseau Rowe Roy Ruiz Russo Ryder
    Sadiq Saito Salazar Salvatore Sanchez Sandberg Santos Sato Schaefer Schmidt Schneider Schreiber
    Schulz Schwarz Seidel Sen Serrano Shah Sharma Shimizu Silva Simmons Singh Smirnov Sokolov
    Solberg Sorensen Soto Souza Spencer Stein Stewart Stone Strand Suarez Sullivan Suzuki Svensson
    Szabo Takahashi Tan Tanaka Taylor Teixeira Thapa Thompson Tkachenko Toth Tran Turner Ueda
    Ulrich Usman Vance Vargas Vasquez Vega Verma Vidal Villanueva Vogel Volkov Wagner Walker
    Wallace Wang Watanabe Weber Weiss Werner White Wilson Winkler Wong Wright Xu Yadav Yamada
    Yamamoto Yang Yilmaz Young Zaman Zamora Zhang Zhou Ziegler Zimmermann Zhu
    """
)

CITIES = _entries(
    """
    Aachen, Aalborg, Aarhus, Aberdeen, Abidjan, Abuja, Accra, Adelaide, Addis Ababa, Ajaccio,
    Albany, Algiers, Alicante, Almaty, Amman, Amsterdam, Anchorage, Ankara, Antalya, Antwerp,
    Arequipa, Asheville, Asmara, Astana, Asuncion, Athens, Atlanta, Auckland, Austin, Avignon,
    Baghdad, Baku, Baltimore, Bamako, Bandung, Bangalore, Bangkok, Barcelona, Bari, Basel, Beijing,
    Beirut, Belfast, Belgrade, Bergen, Berlin, Bern, Bilbao, Birmingham, Bogota, Bologna, Bordeaux,
    Boston, Brasilia, Bratislava, Bremen, Brighton, Brisbane, Bristol, Brno, Bruges, Brussels,
    Bucharest, Budapest, Buenos Aires, Buffalo, Cadiz, Cairo, Calgary, Cali, Canberra, Cape Town,
    Caracas, Cardiff, Cartagena, Casablanca, Catania, Chennai, Chicago, Christchurch, Cincinnati,
    Cleveland, Cologne, Colombo, Copenhagen, Cordoba, Cork, Curitiba, Cusco, Dakar, Dallas,
    Damascus, Darwin, Delhi, Denver, Detroit, Dhaka, Dijon, Doha, Dortmund, Dresden, Dubai, Dublin,
    Dubrovnik, Dundee, Durban, Dusseldorf, Edinburgh, Edmonton, Eindhoven, Entebbe, Essen, Faro,
    Fez, Florence, Fortaleza, Frankfurt, Freiburg, Fukuoka, Galway, Gdansk, Geneva, Genoa, Ghent,
    Glasgow, Goa, Gothenburg, Granada, Graz, Grenoble, Guadalajara, Guangzhou, Guatemala City,
    Guayaquil, Halifax, Hamburg, Hanoi, Hanover, Harare, Havana, Heidelberg, Helsinki, Hiroshima,
    Ho Chi Minh City, Hobart, Hong Kong, Honolulu, Houston, Hyderabad, Innsbruck, Istanbul, Izmir,
    Jaipur, Jakarta, Jena, Jerusalem, Johannesburg, Kabul, Kampala, Kansas City, Karachi,
    Kathmandu, Kigali, Kingston, Kinshasa, Kobe, Kolkata, Krakow, Kuala Lumpur, Kuwait City, Kyiv,
    Kyoto, La Paz, Lagos, Lahore, Las Vegas, Lausanne, Leeds, Leicester, Leipzig, Libreville,
    Lille, Lima, Limerick, Linz, Lisbon, Liverpool, Ljubljana, Lodz, London, Los Angeles, Luanda,
    Lucerne, Lusaka, Luxembourg, Lviv, Lyon, Macau, Madrid, Malaga, Malmo, Manaus, Manchester,
    Manila, Maputo, Marrakesh, Marseille, Medellin, Melbourne, Memphis, Merida, Mexico City, Miami,
    Milan, Minneapolis, Minsk, Mombasa, Monterrey, Montevideo, Montreal, Mumbai, Munich, Muscat,
    Nagoya, Nairobi, Nantes, Naples, Nashville, New Orleans, New York, Newcastle, Nice, Nicosia,
    Nottingham, Nuremberg, Oaxaca, Odense, Odessa, Orlando, Osaka, Oslo, Ottawa, Oxford, Padua,
    Palermo, Panama City, Paris, Perth, Philadelphia, Phnom Penh, Phoenix, Pisa, Pittsburgh,
    Plovdiv, Plymouth, Podgorica, Portland, Porto, Potsdam, Poznan, Prague, Pretoria, Pristina,
    Pune, Quebec City, Quito, Rabat, Raleigh, Recife, Regensburg, Rennes, Reykjavik, Riga, Rijeka,
    Rio de Janeiro, Riyadh, Rome, Rosario, Rostock, Rotterdam, Sacramento, Salt Lake City,
    Salvador, Salzburg, San Diego, San Francisco, San Jose, San Juan, Santa Fe, Santiago, Sao
    Paulo, Sapporo, Sarajevo, Seattle, Sendai, Seoul, Seville, Shanghai, Sheffield, Shenzhen,
    Singapore, Skopje, Sofia, Split, Stavanger, Stockholm, Strasbourg, Stuttgart, Surabaya, Sydney,
    Taipei, Tallinn, Tampere, Tangier, Tartu, Tashkent, Tbilisi, Tehran, Tel Aviv, Thessaloniki,
    Tijuana, Tirana, Tokyo, Toledo, Toronto, Toulouse, Trieste, Tripoli, Tromso, Trondheim, Tucson,
    Tunis, Turin, Turku, Uppsala, Utrecht, Valencia, Valletta, Vancouver, Venice, Verona, Vienna,
    Vientiane, Vilnius, Warsaw, Washington, Wellington, Windhoek, Winnipeg, Wroclaw, Wuhan, Yangon,
    Yerevan, Yokohama, York, Zagreb, Zanzibar, Zaragoza, Zurich
    """
)

COUNTRIES = _entries(
    """
    Albania, Algeria, Angola, Argentina, Armenia, Australia, Austria, Azerbaijan, Bangladesh,
    Belgium, Benin, Bhutan, Bolivia, Botswana, Brazil, Bulgaria, Cambodia, Cameroon, Canada, Chad,
    Chile, China, Colombia, Costa Rica, Croatia, Cuba, Cyprus, Denmark, Ecuador, Egypt, Estonia,
    Ethiopia, Fiji, Finland, France, Gabon, Gambia, Georgia, Germany, Ghana, Greece, Guatemala,
    Guinea, Haiti, Honduras, Hungary, Iceland, India, Indonesia, Iraq, Ireland, Israel, Italy,
    Jamaica, Japan, Jordan, Kazakhstan, Kenya, Kuwait, Laos, Latvia, Lebanon, Lesotho, Liberia,
    Libya, Lithuania, Luxembourg, Madagascar, Malawi, Malaysia, Mali, Malta, Mauritius, Mexico,
    Moldova, Monaco, Mongolia, Montenegro, Morocco, Mozambique, Namibia, Nepal, Netherlands, New
    Zealand, Nicaragua, Niger, Nigeria, Norway, Oman, Pakistan, Panama, Paraguay, Peru,
    Philippines, Poland, Portugal, Qatar, Romania, Rwanda, Samoa, Saudi Arabia, Senegal, Serbia,
    Singapore, Slovakia, Slovenia, Somalia, South Africa, South Korea, Spain, Sri Lanka, Sudan,
    Sweden, Switzerland, Tanzania, Thailand, Togo, Tunisia, Turkey, Uganda, Ukraine, Uruguay,
    Uzbekistan, Vietnam, Yemen, Zambia, Zimbabwe
    """
)

LANGUAGES = _words(
    """
    Afrikaans Albanian Amharic Arabic Armenian Basque Bengali Bosnian Breton Bulgarian Burmese
    Catalan Chinese Croatian Czech Danish Dutch English Estonian Finnish French Galician Georgian
    German Greek Gujarati Hausa Hebrew Hindi Hungarian Icelandic Igbo Indonesian Irish Italian
    Japanese Kannada Kazakh Khmer Korean Kurdish Lao Latin Latvian Lithuanian Malay Maltese
    Mongolian Nepali Norwegian Persian Polish Portuguese Punjabi Romanian Russian Serbian Slovak
    Slovenian Somali Spanish Swahili Swedish Tagalog Tamil Telugu Thai Turkish Ukrainian Urdu
    Vietnamese Welsh Xhosa Yoruba Zulu
    """
)

COLORS = _words(
    """
    red green blue yellow orange purple pink brown black white gray beige teal turquoise maroon
    navy olive lime magenta cyan indigo violet gold silver bronze copper ivory cream crimson
    scarlet coral salmon peach apricot amber mustard khaki tan mint emerald jade azure sapphire
    lavender lilac mauve plum burgundy charcoal slate sand rust ruby cobalt cherry fuchsia ochre
    sepia aqua pearl
    """
)
SHADES = _words("dark light pale bright deep warm soft neon")

ROOMS = _entries(
    """
    kitchen, bedroom, bathroom, living room, dining room, hallway, garage, attic, basement, cellar,
    office, study, nursery, guest room, laundry room, pantry, balcony, terrace, porch, garden,
    lobby, corridor, studio, library, workshop, playroom, storage room, conservatory, greenhouse,
    cloakroom, lounge, den, foyer, stairway, utility room, music room, gym, sauna, loft, patio,
    sunroom, reception, classroom, server room, conference room, break room, closet, shed, veranda,
    staircase
    """
)

DEVICES = _entries(
    """
    lamp, heater, fan, television, speaker, thermostat, oven, dishwasher, washing machine, dryer,
    fridge, freezer, kettle, toaster, coffee machine, blinds, curtains, garage door, front door,
    alarm, doorbell, camera, vacuum cleaner, humidifier, dehumidifier, air conditioner, radiator,
    router, printer, projector, scanner, sprinkler, pump, chandelier, desk lamp, floor lamp,
    ceiling fan, night light, microwave, stove, boiler, air purifier, aquarium, window, skylight,
    fireplace, radio, stereo, game console, monitor, charger, sensor, smoke detector, motion
    sensor, water valve, gate, towel rail, electric blanket, hob, rice cooker, blender, mixer,
    intercom, keypad, modem, tablet, laptop, outlet, light strip, reading lamp, fountain, lawn
    mower, hot tub, awning, shutter, siren, baby monitor, clock, dimmer, bulb, lantern, spotlight,
    feeder, scale
    """
)

FOODS = _entries(
    """
    pizza, pasta, rice, lentils, chickpeas, beans, tofu, salmon, tuna, shrimp, chicken, beef, pork,
    lamb, turkey, duck, ham, bacon, sausage, eggs, milk, cheese, butter, yogurt, cream, bread,
    bagels, croissants, pancakes, waffles, oatmeal, granola, cereal, honey, jam, peanut butter,
    chocolate, cookies, brownies, cake, ice cream, apple pie, muffins, donuts, apples, bananas,
    oranges, lemons, limes, grapes, strawberries, blueberries, raspberries, cherries, peaches,
    pears, plums, mangoes, pineapple, melon, kiwi, figs, dates, avocado, tomatoes, potatoes,
    carrots, onions, garlic, ginger, peppers, spinach, kale, lettuce, cabbage, broccoli,
    cauliflower, zucchini, eggplant, mushrooms, corn, peas, asparagus, celery, cucumber, radishes,
    pumpkin, squash, beets, leeks, artichokes, olives, almonds, walnuts, cashews, pistachios,
    hazelnuts, raisins, noodles, dumplings, curry, risotto, lasagna, ravioli, gnocchi, tacos,
    burritos, quesadillas, falafel, hummus, couscous, quinoa, sushi, ramen, miso soup, tomato soup,
    onion soup, vegetable stew, goulash, paella, omelet, quiche, meatballs, fish soup, potato
    salad, fruit salad, garlic bread, lentil curry, rice pudding, apple crumble, cheesecake,
    tiramisu, carrot cake, lemon tart, green tea, orange juice, lemonade
    """
)

CURRENCIES = _words(
    """
    EUR USD GBP JPY CHF CAD AUD NZD CNY INR BRL MXN SEK NOK DKK PLN CZK HUF RON TRY ZAR KRW SGD HKD
    THB IDR MYR PHP ILS AED SAR EGP NGN KES MAD CLP COP PEN ARS UAH VND ISK BGN PKR
    """
)

AIRPORTS = _words(
    """
    FRA MUC BER HAM DUS CGN STR LHR LGW MAN EDI DUB CDG ORY NCE LYS AMS BRU ZRH GVA VIE PRG BUD WAW
    KRK MAD BCN AGP LIS OPO FCO MXP VCE NAP ATH IST SOF OTP BEG ZAG LJU CPH ARN OSL BGO HEL TLL RIX
    VNO KEF JFK EWR BOS IAD PHL ATL MIA MCO ORD DTW MSP DFW IAH DEN PHX LAS LAX SFO SAN SEA PDX YYZ
    YUL YVR YYC MEX CUN GUA SJO PTY BOG LIM UIO SCL EZE GRU GIG BSB MVD ASU CAI CMN TUN ALG LOS ACC
    DKR ABJ NBO ADD DAR EBB KGL JNB CPT DUR WDH TLV AMM BEY DOH DXB AUH MCT RUH KWI BAH DEL BOM BLR
    MAA CCU HYD CMB DAC KTM BKK HKT SIN KUL CGK DPS MNL SGN HAN PNH HKG TPE PEK PVG CAN SZX ICN PUS
    NRT HND KIX NGO CTS FUK SYD MEL BNE PER ADL AKL WLG CHC NAN HNL ANC
    """
)

UNITS = _words(
    """
    km miles meters feet inches yards cm mm kg pounds ounces grams tons mg liters gallons cups
    pints ml tablespoons teaspoons celsius fahrenheit kelvin seconds minutes hours days weeks
    months years joules calories watts kilowatts volts amperes bytes kilobytes megabytes gigabytes
    bits hectares acres pascals bars knots degrees radians newtons hertz lumens
    """
)

SKIES = _entries(
    """
    sunny, cloudy, rainy, foggy, windy, stormy, snowy, clear, overcast, hazy, partly cloudy, light
    rain, heavy rain, drizzle, thunderstorms, light snow, heavy snow, sleet, hail, showers, misty,
    mostly sunny, mostly cloudy, freezing rain, dry, humid, icy, breezy, muggy, blustery
    """
)

WEEKDAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")

# Things people read, study and talk about: the last word of a topic.
SUBJECTS = _words(
    """
    acoustics aerodynamics agriculture algebra algorithms anatomy animation antibiotics
    apprenticeships aquariums archaeology architecture astronomy atoms auctions aviation bakeries
    ballet banking batteries beekeeping biology biodiversity blacksmiths botany bridges bricklaying
    bureaucracy calligraphy camping canals carpentry castles caves ceramics chemistry chess choirs
    cinema citizenship climate climbing clouds coasts coffee comedy comets commerce compilers
    composting computing concrete cooking coral crafts criminology crystals currencies
    cybersecurity cycling dance databases debate democracy dentistry deserts diets dinosaurs
    diplomacy diseases diving divorce drawing droughts earthquakes ecology economics ecosystems
    education elections electricity elephants embroidery emotions encryption energy engineering
    epidemics erosion ethics etiquette evolution explorers fables farming fashion fermentation
    fertilizers festivals finance fireworks fishing floods folklore football forestry fossils
    fractions friendship fungi galaxies gardening genetics geography geology geometry glaciers
    glassblowing globalization gold grammar gravity habitats handwriting harbors heating heraldry
    herbs hiking history horses hurricanes hydropower hygiene immigration immunity inflation
    insects insomnia insulation insurance intelligence inventions investing irrigation islands jazz
    jewelry jokes journalism justice kayaking kingdoms knitting labor lakes languages lasers
    leadership leather libraries lighthouses linguistics literature logic logistics magic magnetism
    mammals management manuscripts maps marketing marriage mathematics mechanics medicine
    meditation memory metals meteorology microbes migration minerals mining mortgages mosaics
    motors mountains mummies museums music mythology nanotechnology navigation negotiation networks
    neurons nutrition oceans optics orbits orchids origami ornithology painting paleontology
    parenting parks patents pedagogy pensions perception percussion perfume pets philosophy
    phonetics photography photosynthesis physics pigments pilgrimages pirates planets plastics
    poetry poisons politics pollination pollution pottery poverty predators printing privacy
    probability productivity proverbs psychology puzzles pyramids quarantine railways rainforests
    reading recycling reforms religion reptiles rhetoric rituals rivers robotics robots rockets
    sailing sanitation satellites sculpture seasons sewing sharks shipbuilding skiing sleep
    sociology soil spices spiders sports statistics steel storytelling stress sugar surgery surveys
    sustainability swimming symmetry taxation teaching telescopes textiles theater theology therapy
    tides time tourism toys trade traffic translation transport trees triathlons tunnels twins
    typography unemployment universities vaccines vampires vegetables ventilation violins viruses
    vitamins volcanoes voting waste watches water weaving whales windmills wine winter woodwork
    worms yoga zoology
    """
)

VERBS_CODE = _words(
    """
    get set load save parse render build check find make create update delete remove add fetch read
    write open close send receive handle process compute validate format convert encode decode
    merge split sort filter map reduce count sum select insert flush reset init start stop run
    apply resolve register dispatch emit collect index scan match replace wrap unwrap push pop peek
    walk visit draw paint measure sample track log trace dump copy clone move rename lock unlock
    retry cancel schedule await join spawn bind attach detach import export compile link test mock
    assert guess normalize escape quote trim pad align rotate scale crop blend hash sign verify
    encrypt decrypt compress
    """
)

NOUNS_CODE = _words(
    """
    header footer token user session request response buffer cache config options settings path
    file folder entry item list queue stack tree graph node edge key value index cursor row column
    table schema query result error message event signal state context scope frame block chunk page
    record field label title body payload packet socket stream channel client server proxy router
    route handler listener callback task job worker thread pool lock timer clock date interval
    range limit offset length size width height depth color pixel image icon font glyph text string
    line word char digit number matrix vector tensor layer weight gradient batch sample model
    dataset feature metric score rank price invoice order cart payment refund account profile role
    permission secret password login address email phone city country region map marker distance
    angle speed mass template theme style button menu dialog form input checkbox slider tooltip
    toolbar sidebar widget canvas shape polygon circle curve mesh texture shader light camera scene
    sprite sound track volume album playlist parser lexer grammar symbol literal operator
    expression statement function argument parameter variable constant module package import plugin
    version release branch commit diff patch merge conflict report summary chart series axis legend
    archive backup snapshot
    """
)

DIRECTORIES = _words(
    """
    src app lib core api docs tests test tools scripts config data assets static public build dist
    bin include vendor internal pkg cmd utils helpers common shared models views controllers
    services components pages routes layouts hooks store reducers middleware handlers schemas
    migrations fixtures examples benchmarks templates locale styles images fonts icons media
    uploads downloads reports logs archive backup notes drafts invoices photos music videos
    projects home work personal etc opt usr var tmp srv mnt web server client frontend backend
    mobile desktop plugins modules packages engine parser compiler runtime network storage database
    auth billing search analytics admin users orders cart payments shipping inventory catalog
    reviews messages notifications
    """
)

EXTENSIONS = _words(
    """
    py js ts tsx rs go c h cpp java kt rb php sh lua sql html css scss json yaml toml xml csv tsv
    md txt rst log ini cfg conf env lock pdf png jpg svg gif mp3 wav mp4 zip tar gz db docx xlsx
    pptx
    """
)
CODE_EXTENSIONS = _words("py py py js js ts tsx rs go go c h cpp java kt rb php sh lua sql css")
DOCUMENT_EXTENSIONS = _words("txt md pdf csv json docx xlsx png jpg log html zip yaml mp3 tex")

# Words of messages. Each list has one role in the sentences below.
THINGS = _words(
    """
    report invoice contract presentation budget meeting package delivery order printer projector
    server heating car bicycle kitchen laundry key laptop charger camera passport ticket
    reservation appointment lesson recipe cake dinner lunch breakfast party concert movie game
    match trip flight train bus ferry hotel apartment garden fence roof window door lamp sofa table
    chair piano guitar book letter form application proposal draft poster photo video recording
    playlist website database backup update release demo prototype sample order shipment parcel
    bill payment refund salary tax insurance prescription medicine dog cat parrot aquarium plant
    tree tent boat ladder hammer drill paint wallpaper carpet blanket jacket umbrella helmet ball
    racket trophy medal exam essay lecture workshop interview survey summary agenda schedule
    calendar map compass telescope microscope sensor battery engine pump elevator alarm gate bridge
    tunnel harbor parade auction
    """
)
STATES = _words(
    """
    ready late early broken fixed finished cancelled confirmed missing lost found full empty open
    closed locked free busy cold warm wet dry clean dirty dark loud quiet heavy light expensive
    cheap new old wrong correct complete incomplete urgent important boring exciting delicious
    ruined perfect postponed delayed approved rejected signed paid unpaid booked shared hidden
    visible outdated safe dangerous easy difficult strange normal stable unstable online offline
    """
)
PLACES = _words(
    """
    office station airport library museum park school hospital market bakery garage garden harbor
    bridge church theater cinema stadium hotel restaurant cafe pharmacy bank gym pool beach lake
    forest farm warehouse factory laboratory studio workshop basement attic lobby kitchen balcony
    terrace playground zoo castle tower square corner entrance exit platform pier gallery
    university
    """
)
DOINGS = _words(
    """
    bring buy sell fix clean check move send print sign cancel book paint pack open close wash
    return collect review finish prepare repair replace order cook feed water charge share find
    hide lock carry borrow measure copy update deliver photograph inspect insure rent sketch weigh
    wrap
    """
)
DONES = _words(
    """
    brought bought sold fixed cleaned checked moved sent printed signed cancelled booked painted
    packed opened closed washed returned collected reviewed finished prepared repaired replaced
    ordered cooked forgot lost found hid locked carried borrowed measured copied updated delivered
    inspected broke dropped saved received wrapped
    """
)
MANNERS = _words(
    """
    today tomorrow tonight now soon later again immediately quickly carefully slowly together early
    yesterday already anyway alone quietly finally
    """
)

SENTENCES = _lines(
    """
    The {thing} is {state}
    The {thing} is {state} and {noun} is {state}
    The {adjective} {thing} is {state} {manner}
    Please {doing} the {thing} {manner}
    Please {doing} the {adjective} {thing}
    Please {doing} the {thing} before {day}
    Can you {doing} the {thing} {manner}
    Could you {doing} the {thing} at the {place}
    I will {doing} the {thing} {manner}
    I {done} the {thing} {manner}
    I {done} the {adjective} {thing} at the {place}
    We {done} the {thing} near the {place}
    We need to {doing} the {thing} {manner}
    We need a {adjective} {thing} and a {noun}
    {name} {done} the {thing} {manner}
    {name} {done} a {noun} at the {place}
    {name} will {doing} the {thing} on {day}
    Tell {name} to {doing} the {thing}
    Meet me at the {place} at {time}
    See you at the {place} on {day}
    I am at the {place} with {name}
    I am running {number} minutes late
    Running late, see you at {time}
    The {noun} arrives at the {place} {manner}
    The {noun} costs {number} euros
    {number} people are at the {place}
    Your {thing} will be {state} on {day}
    Your {noun} is {state}
    Is the {thing} {state}
    Do not {doing} the {thing}
    Do not forget the {noun} and the {noun}
    Remember to {doing} the {noun} on {day}
    Happy birthday, {name}, enjoy the {thing}
    Thanks for the {adjective} {noun}
    Sorry, I {done} the {thing}
    Call {name} about the {adjective} {thing}
    Ask {name} for the {noun}
    There is a {adjective} {noun} at the {place}
    The {place} is {state} on {day}
    The {place} opens at {time}
    Lunch at the {place} on {day}
    {noun} and {noun} for the {place}
    buy {noun}, {noun} and {noun}
    {doing} the {thing}
    {doing} the {adjective} {noun} {manner}
    {thing} is {state}, please {doing} it
    {adjective} {noun} at {time}
    moved the {noun} to {day}
    need {number} more of the {noun}
    all {noun} tasks are {state} now
    {pseudo} is {state} {manner}
    ask {name} about {pseudo}
    We met {name} and talked about {pseudo}
    The code word is {pseudo}
    {pseudo} {done} the {noun}
    """
)

TEXTS = _lines(
    """
    The {adjective} {noun} is {state} and the {thing} is {state}.
    {name} {done} the {adjective} {thing} at the {place} {manner}.
    There is a {adjective} {noun} between the {place} and the {place}.
    The {thing} near the {place} will be {state} on {day}.
    Most people in {city} know the {adjective} {noun} at the {place}.
    A {noun} and a {adjective} {noun} were seen at the {place}.
    The {place} in {city} opens at {time} on {day}.
    {name} and {name} {done} the {thing} near the {adjective} {place}.
    Nobody {done} the {noun} because the {place} was {state}.
    About {number} visitors came to the {place} to see the {noun}.
    The report says that the {thing} was {state} for {number} days.
    You can {doing} the {thing} or {doing} the {adjective} {noun}.
    First {doing} the {noun}, then {doing} the {thing} {manner}.
    In {city} the {noun} is {state} and the {noun} is {adjective}.
    A {pseudo} is a {adjective} {noun} that is often {state}.
    The {pseudo} at the {place} was {state} until {day}.
    Every {adjective} {noun} needs a {noun} and a {adjective} {thing}.
    The new {thing} has {number} parts and a {adjective} {noun}.
    """
)

TITLES = _lines(
    """
    The {Adjective} {Noun}
    The {Adjective} {Noun} of {City}
    {Adjective} {Nouns}
    {Adjective} {Adjective} {Noun}
    {Noun} and {Noun}
    The {Noun} in the {Noun}
    {Nouns} of {City}
    A {Noun} for {Name}
    {Name} and the {Noun}
    {Subject} for Beginners
    A History of {Subject}
    {Adjective} {Subject}
    {Subject} and {Subject}
    Notes on {Subject}
    {Noun} {Noun} Review
    {Noun} {Noun}
    {Adjective} {Noun} Report
    {Noun} Plan {year}
    {Noun} Summary
    Weekly {Noun} Meeting
    Letters from {City}
    The Last {Noun}
    Return to {City}
    My {Adjective} {Noun}
    How to {Doing} {Nouns}
    {Doing} the {Noun}
    {Doing} the {Adjective} {Noun}
    Lunch with {Name}
    Call with {Name}
    """
)
PSEUDO_TITLES = _lines(
    """
    The {Pseudo}
    The {Pseudo} {Noun}
    {Pseudo} {Noun} Report
    Project {Pseudo}
    {Adjective} {Pseudo}
    The {Noun} of {Pseudo}
    {Pseudo} and {Pseudo}
    {Subject} in {Pseudo}
    {Pseudo} Weekly Meeting
    """
)

SONGS = _lines(
    """
    {Adjective} {Noun}
    The {Adjective} {Noun}
    {Noun} in the {Noun}
    Dancing with the {Noun}
    {Adjective} Nights in {City}
    Song for {Name}
    Goodbye {Name}
    {Nouns} and {Nouns}
    Under the {Adjective} {Noun}
    My {Noun}
    Waiting for {Name}
    {City} Blues
    {Noun} Waltz
    {Adjective} {Adjective} {Noun}
    Like a {Noun}
    Take the {Noun} Home
    When {Nouns} Dream
    {Noun} of {Noun}
    """
)
PSEUDO_SONGS = _lines(
    """
    {Pseudo}
    {Pseudo} {Noun}
    Dancing in {Pseudo}
    {Adjective} {Pseudo}
    Oh {Pseudo}
    {Pseudo} and the {Noun}
    """
)

TOPICS = _lines(
    """
    {subject}
    {subject}
    {adjective} {subject}
    {adjective} {subject}
    {adjective} {nouns}
    {adjective} {nouns}
    {noun} {nouns}
    {noun} {subject}
    {nouns}
    {adjective} {noun} {nouns}
    {subject} and {subject}
    """
)
PSEUDO_TOPICS = _lines(
    """
    {pseudo} {nouns}
    {pseudo} {subject}
    {adjective} {pseudo}
    {pseudo}
    """
)

# With a place for something that can be held out; those without come last.
COMMANDS = _lines(
    """
    ls -la {folder}
    ls {folder}
    ls -lh {folder}
    cat {path}
    head -n {number} {path}
    tail -f {path}
    tail -n {number} {path}
    wc -l {path}
    grep -n {identifier} {path}
    grep -rn {identifier} {folder}
    grep -i {noun} {path}
    rg {identifier} {folder}
    find . -name {filename}
    find {folder} -type f
    mkdir -p {folder}
    touch {path}
    rm {path}
    rm -r {folder}
    cp {path} {folder}
    mv {filename} {folder}
    chmod +x {path}
    du -sh {folder}
    diff {filename} {filename}
    sort {filename}
    sort {filename} | uniq -c
    cat {path} | grep {noun}
    echo {noun}
    python {path}
    python -m {module}
    python -m {module} --{noun} {number}
    pytest {folder}
    pytest -q {path}
    pytest -x {folder} -k {noun}
    pytest {folder} -n {number}
    ruff check {folder}
    ruff format {path}
    mypy {folder}
    node {path}
    npm run {noun}
    npm install {package}
    pip install {package}
    cargo test {identifier}
    cargo run -- {filename}
    go test {folder}
    go run {path}
    make {noun}
    git add {path}
    git log -{number} {path}
    git diff {branch}
    git checkout {branch}
    git checkout -b {branch}
    git merge {branch}
    git blame {path}
    git show {branch}
    git push origin {branch}
    git restore {path}
    git commit -m {noun}
    docker run {package}
    docker logs {package}
    docker build -t {package} {folder}
    kubectl get pods -n {noun}
    kubectl logs {package}
    ssh {host}
    ping {host}
    ping -c {number} {host}
    curl https://{host}
    scp {filename} {host}:{folder}
    dig {host}
    tar -xzf {noun}.tar.gz
    tar -czf {noun}.tar.gz {folder}
    unzip {noun}.zip
    systemctl restart {noun}
    systemctl status {noun}
    journalctl -u {noun}
    sqlite3 {noun}.db
    which {noun}
    kill {number}
    git log -{number}
    git log --oneline -{number}
    sleep {number}
    """
)
PLAIN_COMMANDS = _entries(
    """
    ls, ls -la, pwd, git status, git diff, git pull, git push, git fetch --all, git stash, git
    branch -a, git log --oneline, npm test, npm run build, npm start, npm ci, cargo build, cargo
    test, cargo clippy, go build, go vet, make, make test, make clean, pytest, pytest -x, pytest
    -q, ruff check ., df -h, free -m, uptime, whoami, date, env, ps aux, top -b -n 1, docker ps,
    docker images, kubectl get pods, uname -a, hostname, ip addr, crontab -l, lsblk, pip list,
    python --version
    """
)

ONSETS = _words(
    """
    b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sc sh sk sl sm sn sp
    st str t th tr tw v w wh y z zw
    """
)
NUCLEI = _words("a a a e e e i i i o o o u u ai au ea ee ei oa oo ou ie")
CODAS = _words(
    "_ _ _ _ _ _ b ck d f g k l l ll m m mp n n n nd ng nk nt p r r rd rk rm rn s sh sk ss st t x"
)
# What follows the last syllable in an invented word, when something does.
ENDINGS = _words("a o y er et ic ia ium ish le en in or us ax ex ix oid ory ent el um on is ette")
CITY_ENDINGS = _words(
    """
    burg ville ton ford field ham stad grad bury mouth port wick dale by haven berg ia ova ana
    polis minster bridge stead moor holm furt au ingen ara ina ora umi ito osa
    """
)
CITY_BEFORE = _words("New Port Fort Lake Mount North South East West Saint San Upper Old Bad")
COUNTRY_ENDINGS = _words("ia land stan ania ora ua istan mark onia")
LANGUAGE_ENDINGS = _words("ish ese ian ic ari u an")
IRREGULAR = frozenset(
    _words("goose mouse moose deer sheep fish foot tooth shelf leaf knife wolf oasis jeans")
)
COMPANY_AFTER = _words(
    """
    Labs Systems Group Partners Foods Motors Energy Logistics Media Robotics Bank Tools Health
    Software Airlines Textiles Studios Trading Holdings Consulting Pharma Steel Publishing
    Insurance Networks Solutions Brothers Works Inc Ltd Corp GmbH
    """
)
FAMILY_ENDINGS = _words("son sen man ov ova ski er berg ez ini ano ic ano ami ardo wick well")
DOMAINS = _words("com com com org net io dev example test app info co.uk de eu fr ca")
HOST_ROLES = _words(
    """
    db web app api cache mail proxy build ci worker node backup log search auth cdn edge gw dns
    queue stage prod files metrics vpn git
    """
)
HOST_DOMAINS = _words("example.net example.org example.com internal local lan corp.example test")
CODE_PREFIXES = _words(
    """
    INV ORD REQ PO TKT CASE BUG DOC REF SKU PR JIRA OPS HR FIN CRM LOT BK RMA CUST ACC PAY SHP REV
    CHG INC PRJ TASK EMP MED LAB RES VIN
    """
)
CODE_LOWERS = _words(
    "ord user cust item inv task job run msg evt txn doc req sess acct prod sku img"
)
BRANCH_KINDS = _words("feature fix bugfix hotfix chore docs refactor release test feat user wip")
URL_PARTS = _words("docs blog shop news api v1 v2 help wiki articles products users posts en about")

AFTER_FOODS = _words("soup salad pie curry stew sandwich tart sauce juice bread bowl casserole")

_HELD_OUT_PERCENT = 15
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "0123456789"
_ALNUM = _UPPER + "23456789"
_HEX = "0123456789abcdef"


def split_words(text: str) -> list[str]:
    """The words in a value, lower-case: also those inside `snake_case`, `camelCase` and paths."""
    return [word.lower() for word in _WORD.findall(text)]


def _stem(word: str) -> str:
    """A lower-case word without its ending: the plural is held out where the singular is."""
    return word.rstrip("eisy")


def _literal_words() -> frozenset[str]:
    """Words of templates and of closed lists: they are in every value, so never held out."""
    templates = (
        *SENTENCES, *TEXTS, *TITLES, *PSEUDO_TITLES, *SONGS, *PSEUDO_SONGS, *TOPICS, *COMMANDS,
        *PLAIN_COMMANDS, *WEEKDAYS, *UNITS, *SKIES, *MANNERS, *CITY_BEFORE, *COMPANY_AFTER,
        *DOMAINS,
        *HOST_ROLES, *HOST_DOMAINS, *CODE_LOWERS, *BRANCH_KINDS, *URL_PARTS, *EXTENSIONS, *SHADES,
        *AFTER_FOODS,
        "room main develop master next this weekend test www src docs tex docx xlsx pptx issue",
    )  # fmt: skip
    found: set[str] = set()
    for template in templates:
        literal = " ".join(template.replace("}", "{").split("{")[::2])
        found.update(map(_stem, split_words(literal)))
    return frozenset(found)


_LITERAL = _literal_words()


def is_held_out(word: str) -> bool:
    """Whether no training value contains this word."""
    stem = _stem(word.lower())
    if len(word) < 2 or stem in _LITERAL:
        return False
    return crc32(stem.encode()) % 100 < _HELD_OUT_PERCENT


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def _pick(rng: Random, items: Sequence[str]) -> str:
    """Like `rng.choice`, in a third of the time."""
    return items[int(rng.random() * len(items))]


def _between(rng: Random, low: int, high: int) -> int:
    """Like `rng.randint`, in a third of the time."""
    return low + int(rng.random() * (high - low + 1))


_Slot = Callable[[Random, "_World"], str]
_Template = tuple[Any, ...]  # text, slot, text, ..., slot, text


class _World:
    """The words that values are made of: those for training, or those held out."""

    def __init__(self, *, held_out: bool) -> None:
        self.held_out = held_out
        self.first_names = self._of(FIRST_NAMES)
        self.family_names = self._of(FAMILY_NAMES)
        self.cities = self._of(CITIES)
        self.plain_cities = tuple(city for city in self.cities if " " not in city)
        self.countries = self._of(COUNTRIES)
        self.languages = self._of(LANGUAGES)
        self.colors = self._of(COLORS)
        self.rooms = self._of(ROOMS)
        self.plain_rooms = self._of(tuple(room for room in ROOMS if " " not in room))
        self.devices = self._of(DEVICES)
        self.foods = self._of(FOODS)
        self.plain_foods = self._of(tuple(food for food in FOODS if " " not in food))
        self.airports = self._of(AIRPORTS)
        self.nouns = self._of(lexicon.NOUNS)
        self.plurals = tuple(_plural(noun) for noun in self.nouns if noun not in IRREGULAR)
        self.adjectives = self._of(lexicon.ADJECTIVES)
        self.subjects = self._of(SUBJECTS)
        self.code_verbs = self._of(VERBS_CODE)
        self.code_nouns = self._of(NOUNS_CODE)
        self.directories = self._of(DIRECTORIES)
        self.things = self._of(THINGS)
        self.states = self._of(STATES)
        self.places = self._of(PLACES)
        self.doings = self._of(DOINGS)
        self.dones = self._of(DONES)
        codas = tuple(coda.strip("_") for coda in CODAS)
        starts = tuple(onset + nucleus for onset in ONSETS for nucleus in NUCLEI)
        self.open = self._of(starts)
        self.closed = self._of(tuple(start + coda for start in starts for coda in codas))
        self.sentences = self._templates(SENTENCES)
        self.texts = self._templates(TEXTS)
        self.titles = self._templates(TITLES), self._templates(PSEUDO_TITLES)
        self.songs = self._templates(SONGS), self._templates(PSEUDO_SONGS)
        self.topics = self._templates(TOPICS), self._templates(PSEUDO_TOPICS)
        self.commands = self._templates(COMMANDS)

    def _of(self, entries: tuple[str, ...]) -> tuple[str, ...]:
        """The entries of this world; all, where none are held out."""
        mine = tuple(
            entry for entry in entries if any(map(is_held_out, split_words(entry))) == self.held_out
        )
        return mine or entries

    def _templates(self, templates: tuple[str, ...]) -> tuple[_Template, ...]:
        compiled = tuple(map(_compile, templates))
        if not self.held_out:
            return compiled
        return tuple(parts for parts in compiled if not _WORDLESS.issuperset(parts[1::2]))


def _article(slot: _Slot, article: str) -> _Slot:
    def made(rng: Random, world: _World) -> str:
        word = slot(rng, world)
        return f"{article}n {word}" if word[0] in "aeiouAEIOU" else f"{article} {word}"

    return made


def _capital(slot: _Slot) -> _Slot:
    def made(rng: Random, world: _World) -> str:
        word = slot(rng, world)
        return word[0].upper() + word[1:]

    return made


def _compile(template: str) -> _Template:
    parts: list[Any] = template.replace("}", "{").split("{")
    for at in range(1, len(parts), 2):
        name = parts[at]
        slot = _SLOTS[name.lower()]
        slot = slot if name[0].islower() else _capital(slot)
        before = parts[at - 1]
        if before[-2:].lower() == "a " and before[-3:-2] in ("", " "):
            parts[at - 1] = before[:-2]
            slot = _article(slot, before[-2])
        parts[at] = slot
    return tuple(parts)


def _made(rng: Random, world: _World, templates: tuple[_Template, ...]) -> str:
    parts = templates[int(rng.random() * len(templates))]
    return "".join([part if isinstance(part, str) else part(rng, world) for part in parts])


def _invented(rng: Random, world: _World, endings: Sequence[str] = ENDINGS) -> str:
    """A word that does not exist."""
    while True:
        shape = rng.random()
        word = _pick(rng, world.open) if shape > 0.3 else ""
        if shape > 0.85:
            word += _pick(rng, world.open)
        word += _pick(rng, world.closed)
        if endings is not ENDINGS or shape < 0.3 or 0.6 < shape < 0.75:
            word += _pick(rng, endings)
        if is_held_out(word) == world.held_out:
            return word


def _number(rng: Random) -> str:
    """1 to 999, small ones more often."""
    return str(_between(rng, 1, (9, 30, 99, 999)[int(rng.random() * 4)]))


def _clock(rng: Random) -> str:
    minute = _between(rng, 0, 11) * 5 if rng.random() < 0.7 else _between(rng, 0, 59)
    return f"{_between(rng, 0, 23):02d}:{minute:02d}"


# Kinds made of words. ------------------------------------------------------------------


def _first_name(rng: Random, world: _World) -> str:
    if rng.random() < 0.1:
        return _invented(rng, world).capitalize()
    return _pick(rng, world.first_names)


def _family_name(rng: Random, world: _World) -> str:
    if rng.random() < 0.15:
        return _invented(rng, world, FAMILY_ENDINGS).capitalize()
    return _pick(rng, world.family_names)


def _person(rng: Random, world: _World) -> str:
    first, family = _first_name(rng, world), _family_name(rng, world)
    shape = rng.random()
    if shape < 0.04:
        return f"{first} {_pick(rng, _UPPER)}. {family}"
    if shape < 0.08:
        return f"{first} {family}-{_family_name(rng, world)}"
    return f"{first} {family}"


def _city(rng: Random, world: _World) -> str:
    shape = rng.random()
    if shape < 0.75:
        return _pick(rng, world.cities)
    name = _invented(rng, world, CITY_ENDINGS if shape < 0.92 else ENDINGS).capitalize()
    return f"{_pick(rng, CITY_BEFORE)} {name}" if rng.random() < 0.15 else name


def _plain_city(rng: Random, world: _World) -> str:
    if rng.random() < 0.2:
        return _invented(rng, world, CITY_ENDINGS).capitalize()
    return _pick(rng, world.plain_cities)


def _country(rng: Random, world: _World) -> str:
    if rng.random() < 0.12:
        return _invented(rng, world, COUNTRY_ENDINGS).capitalize()
    return _pick(rng, world.countries)


def _language(rng: Random, world: _World) -> str:
    if rng.random() < 0.08:
        return _invented(rng, world, LANGUAGE_ENDINGS).capitalize()
    return _pick(rng, world.languages)


def _noun(rng: Random, world: _World) -> str:
    return _pick(rng, world.nouns)


def _word(rng: Random, world: _World) -> str:
    return _invented(rng, world) if rng.random() < 0.2 else _pick(rng, world.nouns)


def _color(rng: Random, world: _World) -> str:
    shape = rng.random()
    color = _pick(rng, world.colors)
    if shape < 0.7:
        return color
    return f"{_pick(rng, SHADES if shape < 0.9 else world.nouns)} {color}"


def _room(rng: Random, world: _World) -> str:
    if rng.random() < 0.88:
        return _pick(rng, world.rooms)
    return f"{_word(rng, world)} room"


def _device(rng: Random, world: _World) -> str:
    shape = rng.random()
    device = _pick(rng, world.devices)
    if shape < 0.84:
        return device
    first = world.plain_rooms if shape < 0.9 else world.adjectives if shape < 0.95 else world.nouns
    return f"{_pick(rng, first)} {device}"


def _food(rng: Random, world: _World) -> str:
    shape = rng.random()
    if shape < 0.84:
        return _pick(rng, world.foods)
    if shape < 0.96:
        return f"{_pick(rng, world.plain_foods)} {_pick(rng, AFTER_FOODS)}"
    return _invented(rng, world)


def _company(rng: Random, world: _World) -> str:
    shape = rng.random()
    if shape < 0.15:
        return _invented(rng, world).capitalize()
    if shape < 0.5:
        return f"{_invented(rng, world).capitalize()} {_pick(rng, COMPANY_AFTER)}"
    if shape < 0.7:
        return f"{_pick(rng, world.family_names)} {_pick(rng, COMPANY_AFTER)}"
    if shape < 0.76:
        return f"{_pick(rng, world.family_names)} and {_pick(rng, world.family_names)}"
    noun = _pick(rng, world.nouns).capitalize()
    if shape < 0.9:
        return f"{_pick(rng, world.adjectives).capitalize()} {noun} {_pick(rng, COMPANY_AFTER)}"
    return f"{noun} {_pick(rng, COMPANY_AFTER)}"


def _title(rng: Random, world: _World) -> str:
    return _made(rng, world, world.titles[rng.random() < 0.2])


def _song(rng: Random, world: _World) -> str:
    return _made(rng, world, world.songs[rng.random() < 0.2])


def _topic(rng: Random, world: _World) -> str:
    return _made(rng, world, world.topics[rng.random() < 0.2])


def _sentence(rng: Random, world: _World) -> str:
    text = _made(rng, world, world.sentences)
    shape = rng.random()
    if shape < 0.35 and text[:2] != "I ":
        return text[0].lower() + text[1:] if text[0] in "TPCWMSRIDH" else text
    return text[0].upper() + text[1:] if shape < 0.95 else text + "!"


def _text(rng: Random, world: _World) -> str:
    text = _made(rng, world, world.texts)
    return text[0].upper() + text[1:]


def _domain(rng: Random, world: _World) -> str:
    shape = rng.random()
    name = _invented(rng, world) if shape < 0.6 else _pick(rng, world.nouns)
    if shape > 0.75:
        name += "-" + _pick(rng, world.nouns)
    return f"{name}.{_pick(rng, DOMAINS)}"


def _email(rng: Random, world: _World) -> str:
    shape = rng.random()
    first, family = _first_name(rng, world).lower(), _family_name(rng, world).lower()
    if shape < 0.4:
        user = f"{first}.{family}"
    elif shape < 0.55:
        user = f"{first[0]}.{family}"
    elif shape < 0.7:
        user = first
    elif shape < 0.8:
        user = f"{first}_{family}"
    elif shape < 0.9:
        user = f"{first}{_between(rng, 1, 99)}"
    else:
        user = _pick(rng, world.nouns)
    return f"{user}@{_domain(rng, world)}"


def _kebab(rng: Random, world: _World) -> str:
    """One to three words of a name in a web address or of a file."""
    parts = [_word(rng, world)]
    while rng.random() < 0.45 and len(parts) < 3:
        parts.append(_pick(rng, world.nouns))
    return "-".join(parts)


def _url(rng: Random, world: _World) -> str:
    text = ("https://" if rng.random() < 0.9 else "http://") + (
        "www." if rng.random() < 0.25 else ""
    )
    text += _domain(rng, world)
    shape = rng.random()
    if shape > 0.3:
        text += "/" + _pick(rng, URL_PARTS)
    if shape > 0.55:
        text += "/" + (_kebab(rng, world) if shape < 0.9 else str(_between(rng, 1, 9999)))
    return text


def _host(rng: Random, world: _World) -> str:
    shape = rng.random()
    if shape < 0.1 and not world.held_out:
        return f"10.{_between(rng, 0, 255)}.{_between(rng, 0, 255)}.{_between(rng, 1, 254)}"
    role = _pick(rng, HOST_ROLES)
    if shape < 0.3 and not world.held_out:
        return f"{role}-{_between(rng, 1, 40)}.{_pick(rng, HOST_DOMAINS)}"
    if shape < 0.6:
        return f"{role}-{_between(rng, 1, 40)}.{_domain(rng, world)}"
    if shape < 0.8:
        return f"{_word(rng, world)}.{_pick(rng, HOST_DOMAINS)}"
    return f"{_word(rng, world)}-{role}.{_domain(rng, world)}"


def _code_noun(rng: Random, world: _World) -> str:
    shape = rng.random()
    if shape < 0.7:
        return _pick(rng, world.code_nouns)
    return _pick(rng, world.nouns) if shape < 0.92 else _invented(rng, world)


def _identifier(rng: Random, world: _World) -> str:
    shape = rng.random()
    words = [_code_noun(rng, world)]
    if shape < 0.75:
        words.insert(0, _pick(rng, world.code_verbs))
    if shape > 0.6 or shape < 0.15:
        words.append(_code_noun(rng, world))
    style = rng.random()
    if style < 0.55:
        return "_".join(words)
    if style < 0.8:
        return words[0] + "".join([word.capitalize() for word in words[1:]])
    if style < 0.88:
        return "".join([word.capitalize() for word in words])
    return ("_" if style < 0.95 else "__") + "_".join(words)


def _folder_part(rng: Random, world: _World) -> str:
    shape = rng.random()
    if shape < 0.6:
        return _pick(rng, world.directories)
    if shape < 0.9:
        return _pick(rng, world.nouns if shape < 0.8 else world.plurals)
    return _invented(rng, world)


def _folder(rng: Random, world: _World) -> str:
    shape = rng.random()
    text = _folder_part(rng, world)
    if shape < 0.75:
        text += "/" + _folder_part(rng, world)
    if shape < 0.2:
        text += "/" + _folder_part(rng, world)
    if shape > 0.96:
        return "/" + text
    return "src/" + text if shape > 0.88 else text


def _stem_of_file(rng: Random, world: _World) -> str:
    shape = rng.random()
    name = _code_noun(rng, world)
    if shape < 0.35:
        return name
    if shape < 0.5:
        return "test_" + name
    if shape < 0.6:
        return f"{name}-{_code_noun(rng, world)}"
    return f"{name}_{_code_noun(rng, world)}"


def _path(rng: Random, world: _World) -> str:
    name = f"{_stem_of_file(rng, world)}.{_pick(rng, CODE_EXTENSIONS)}"
    shape = rng.random()
    if shape < 0.08:
        return name
    if shape < 0.4:
        return f"{_folder_part(rng, world)}/{name}"
    if shape < 0.5:
        return f"{_folder(rng, world)}/{_filename(rng, world)}"
    return f"{_folder(rng, world)}/{name}"


def _filename(rng: Random, world: _World) -> str:
    shape = rng.random()
    name = _word(rng, world)
    if shape > 0.5:
        other = _number(rng) if shape > 0.9 else _pick(rng, world.nouns)
        name += ("_" if shape < 0.75 else "-") + other
    extensions = DOCUMENT_EXTENSIONS if rng.random() < 0.8 else EXTENSIONS
    return f"{name}.{_pick(rng, extensions)}"


def _pattern(rng: Random, world: _World) -> str:
    shape = rng.random()
    if shape < 0.5:
        return _identifier(rng, world)
    if shape < 0.6:
        return _code_noun(rng, world).upper()
    return _code_noun(rng, world) if shape < 0.85 else _word(rng, world)


def _branch(rng: Random, world: _World) -> str:
    shape = rng.random()
    if not world.held_out:
        if shape < 0.06:
            return _pick(rng, ("main", "develop", "master"))
        if shape < 0.13:
            return f"release-{_between(rng, 0, 9)}.{_between(rng, 0, 30)}"
        if shape < 0.2:
            return f"{_pick(rng, BRANCH_KINDS)}/issue-{_between(rng, 1, 9999)}"
    name = f"{_pick(rng, world.code_verbs)}-{_code_noun(rng, world)}"
    if shape < 0.4:
        name += "-" + _code_noun(rng, world)
    if shape > 0.85:
        return name if shape < 0.93 else _word(rng, world)
    return f"{_pick(rng, BRANCH_KINDS)}/{name}"


def _command(rng: Random, world: _World) -> str:
    if rng.random() < 0.12 and not world.held_out:
        return _pick(rng, PLAIN_COMMANDS)
    return _made(rng, world, world.commands)


def _airport(rng: Random, world: _World) -> str:
    if rng.random() < 0.75 or world.held_out:
        return _pick(rng, world.airports)
    while True:
        text = _pick(rng, _UPPER) + _pick(rng, _UPPER) + _pick(rng, _UPPER)
        if not is_held_out(text):
            return text


def _module(rng: Random, world: _World) -> str:
    return f"{_folder_part(rng, world)}.{_code_noun(rng, world)}"


def _package(rng: Random, world: _World) -> str:
    shape = rng.random()
    name = _invented(rng, world) if shape < 0.6 else _pick(rng, world.nouns)
    return name if shape < 0.8 else f"{name}-{_code_noun(rng, world)}"


# Kinds without words. ------------------------------------------------------------------


def _day(rng: Random, world: _World) -> str:
    shape = rng.random()
    if shape < 0.6:
        return _pick(rng, WEEKDAYS)
    if shape < 0.85:
        return _pick(rng, ("today", "tomorrow", "tonight"))
    if shape < 0.97:
        return "next " + _pick(rng, WEEKDAYS)
    return _pick(rng, ("this weekend", "next week"))


def _date(rng: Random, world: _World) -> str:
    return date.fromordinal(_between(rng, 737425, 740710)).isoformat()  # 2020 to 2028


def _time(rng: Random, world: _World) -> str:
    return _clock(rng)


_PHONES = (
    "+99 99 9999999", "+99 999 999999", "+9-999-999-9999", "(999) 999-9999", "999-999-9999",
    "999-9999", "09999 999999", "0999 999 99 99", "+99 9 99 99 99 99", "099 9999 9999",
    "+99999999999",
)  # fmt: skip
_CODES = (
    "P-9999", "P-9999", "P-999", "P-99999", "P9999", "P-99", "A9999", "A999", "A-9999", "9A-99-AA",
    "L_99999", "L_9999", "L-999", "#9999", "#999", "AA-999", "AA-9999", "AAA999", "99-999",
    "9999-A",
    "P-202Y-999", "P/9999", "XXXX-XXXX", "XXX-XXX-XXX", "AA99AA", "A9A9A9", "9999/99", "hhhhhhhh",
    "L_hhhhhh", "P-A99", "A99-B99", "XXXXXX", "hhhhhhh", "P:9999", "AA.99.999", "99A999", "P_9999",
)  # fmt: skip
_SHAPES = {"9": _DIGITS, "A": _UPPER, "B": _UPPER, "X": _ALNUM, "h": _HEX, "P": CODE_PREFIXES,
           "L": CODE_LOWERS, "Y": "0123456"}  # fmt: skip


def _shaped(rng: Random, shapes: Sequence[str], made_of: Mapping[str, Sequence[str]]) -> str:
    parts: list[str] = []
    for character in _pick(rng, shapes):
        choices = made_of.get(character)
        parts.append(character if choices is None else _pick(rng, choices))
    return "".join(parts)


def _phone(rng: Random, world: _World) -> str:
    return _shaped(rng, _PHONES, {"9": _DIGITS})


def _code(rng: Random, world: _World) -> str:
    text = _shaped(rng, _CODES, _SHAPES)
    return "A" + text if text.isdecimal() else text


def _ticker(rng: Random, world: _World) -> str:
    if rng.random() < 0.5:
        return _invented(rng, world)[: _between(rng, 3, 5)].upper()
    return "".join([_pick(rng, _UPPER) for _ in range(_between(rng, 2, 4))])


def _expression(rng: Random, world: _World) -> str:
    shape = rng.random()
    a, b, c = _number(rng), _number(rng), _number(rng)
    one, two = _pick(rng, "+-*/*+"), _pick(rng, "+-*/")
    if shape < 0.55:
        return f"{a} {one} {b}"
    if shape < 0.7:
        return f"{a} {one} {b} {two} {c}"
    if shape < 0.8:
        return f"({a} {one} {b}) {two} {c}"
    if shape < 0.86:
        return f"{a} {one} ({b} {two} {c})"
    if shape < 0.92:
        return f"{a}.{_between(rng, 1, 9)} {one} {b}"
    return f"{a}{one}{b}" if shape < 0.97 else f"{a} ** {_between(rng, 2, 9)}"


def _version(rng: Random, world: _World) -> str:
    shape = rng.random()
    text = f"{_between(rng, 0, 19)}.{_between(rng, 0, 40)}"
    if shape < 0.75:
        text += f".{_between(rng, 0, 30)}"
    if shape < 0.12:
        text += f"-{_pick(rng, ('rc', 'beta', 'alpha'))}{_between(rng, 1, 9)}"
    return "v" + text if 0.6 < shape < 0.8 else text


def _duration(rng: Random, world: _World) -> str:
    count = _between(rng, 1, 12) if rng.random() < 0.4 else _between(rng, 1, 20) * 5
    unit = _pick(rng, ("second", "minute", "minute", "minute", "hour", "hour", "day", "week"))
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


_SLOTS: Mapping[str, _Slot] = {
    "name": _first_name, "city": _plain_city, "noun": _noun, "pseudo": _invented,
    "nouns": lambda rng, world: _pick(rng, world.plurals),
    "adjective": lambda rng, world: _pick(rng, world.adjectives),
    "subject": lambda rng, world: _pick(rng, world.subjects),
    "thing": lambda rng, world: _pick(rng, world.things),
    "state": lambda rng, world: _pick(rng, world.states),
    "place": lambda rng, world: _pick(rng, world.places),
    "doing": lambda rng, world: _pick(rng, world.doings),
    "done": lambda rng, world: _pick(rng, world.dones),
    "manner": lambda rng, world: _pick(rng, MANNERS),
    "day": lambda rng, world: _pick(rng, WEEKDAYS),
    "time": _time, "number": lambda rng, world: _number(rng),
    "year": lambda rng, world: str(_between(rng, 2015, 2035)),
    "identifier": _identifier, "module": _module, "package": _package, "path": _path,
    "folder": _folder, "filename": _filename, "branch": _branch, "host": _host,
}  # fmt: skip
_WORDLESS = frozenset(_SLOTS[name] for name in ("manner", "day", "time", "number", "year"))

_TEXTS: Mapping[str, _Slot] = {
    "city": _city, "person": _person, "first_name": _first_name, "email": _email, "phone": _phone,
    "country": _country,
    "date": _date, "day": _day, "time": _time,
    "currency": lambda rng, world: _pick(rng, CURRENCIES),
    "language": _language,
    "topic": _topic, "title": _title, "sentence": _sentence, "path": _path, "folder": _folder,
    "filename": _filename, "url": _url, "code": _code, "color": _color, "room": _room,
    "device": _device, "food": _food, "song": _song, "company": _company, "ticker": _ticker,
    "airport": _airport, "unit": lambda rng, world: _pick(rng, UNITS), "word": _word,
    "pseudo": _invented, "command": _command, "pattern": _pattern, "identifier": _identifier,
    "expression": _expression, "branch": _branch, "host": _host, "version": _version,
    "duration": _duration, "sky": lambda rng, world: _pick(rng, SKIES), "text": _text,
}  # fmt: skip

_INTS: Mapping[str, Callable[[Random], int]] = {
    "small_int": lambda rng: _between(rng, 1, 12),
    "int": lambda rng: _between(rng, 1, (9, 99, 999, 9999)[int(rng.random() * 4)]),
    "year": lambda rng: _between(rng, 1950 if rng.random() < 0.7 else 1500, 2035),
    "percent": lambda rng: _between(rng, 0, 100),
    "temperature": lambda rng: _between(rng, -15, 42),
    "number_id": lambda rng: _between(rng, 100, (999, 9999, 99999, 999999)[int(rng.random() * 4)]),
}


def _text_value(make: _Slot, world: _World, rng: Random) -> Value:
    text = make(rng, world)
    return Value(text, text)


def _int_value(make: Callable[[Random], int], rng: Random) -> Value:
    number = make(rng)
    return Value(str(number), number)


def _amount_value(rng: Random) -> Value:
    text = str(_between(rng, 0, (9, 99, 999, 9999)[int(rng.random() * 4)])) + "."
    if rng.random() < 0.5:
        text += _pick(rng, _DIGITS)
    text += _pick(rng, "123456789")  # no zero at the end: JSON has none
    return Value(text, float(text))


def _bool_value(rng: Random) -> Value:
    return Value("true", True) if rng.random() < 0.5 else Value("false", False)


def _list_value(make: _Slot, world: _World, rng: Random) -> Value:
    items = [make(rng, world), make(rng, world)]
    if rng.random() < 0.5:
        items.append(make(rng, world))
    if len(set(items)) < len(items):
        return _list_value(make, world, rng)
    return Value(f"{', '.join(items[:-1])} and {items[-1]}", items)


def _kinds(world: _World) -> Mapping[str, Callable[[Random], Value]]:
    kinds: dict[str, Callable[[Random], Value]] = {
        "amount": _amount_value,
        "bool": _bool_value,
        "words": partial(_list_value, _word, world),
        "people": partial(_list_value, _first_name, world),
    }
    kinds |= {kind: partial(_text_value, make, world) for kind, make in _TEXTS.items()}
    kinds |= {kind: partial(_int_value, make) for kind, make in _INTS.items()}
    return MappingProxyType(kinds)


KINDS: Mapping[str, Callable[[Random], Value]] = _kinds(_World(held_out=False))
_HELD_OUT_KINDS = _kinds(_World(held_out=True))


def value(kind: str, rng: Random, *, held_out: bool = False) -> Value:
    """A value of a kind. Raises KeyError for a kind that there is not."""
    return (_HELD_OUT_KINDS if held_out else KINDS)[kind](rng)
