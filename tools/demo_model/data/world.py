"""What the demo model learns of business and the wider world: tools and how users ask for them."""

from __future__ import annotations

from tools.demo_model.grammar import Intent, Param

INTENTS: tuple[Intent, ...] = (
    Intent(
        names=("lookup_customer", "getCustomer", "find_client", "customer_details"),
        about=(
            "Look up a customer by name and return the record.",
            "Finds the client record of a person in the customer database.",
        ),
        asks=(
            "[Look up|Find|Pull up|Show me] the [customer|client] {name}[ please|].",
            "[Can|Could|Would] you [find|open] the [customer|client] record [of|for] {name}?",
            "[Do we have|Is there] a [customer|client] [called|named] {name}?",
            "[I'm on the phone with|I'm talking to] {name}. "
            "[Open their record|What do we know about them]?",
            "customer {name}",
            "[I need|Give me|I'd like] the [customer|account] details [of|for] {name}[, please|].",
            "Who is {name}[ and what did they buy from us|, one of our buyers]?",
            "[Please|I need you to|I want you to] [look "
            "up|find|pull up|show me] the [customer|client] {name}.",
        ),
        params=(
            Param(
                "name",
                "person",
                aka=("customer", "full_name", "customer_name", "client"),
                about=("Full name of the customer", "the customer's name"),
            ),
        ),
        bare=("[Look up a customer|Find a customer for me|Show me the customer record].",),
        gives=(Param("customer_id", "number_id"), Param("contact", "email")),
        tells=(
            "{name} is customer {customer_id}, [reachable at|email] {contact}.",
            "[I found|Here is] {name}: customer number {customer_id}, {contact}.",
        ),
    ),
    Intent(
        names=("create_customer", "addCustomer", "register_client", "new_customer"),
        about=(
            "Create a new customer with a name and an email address.",
            "Adds a client to the customer database.",
        ),
        asks=(
            "[Create|Add|Register|Set up] a [new |][customer|client] "
            "{name} with [the |][email|address] {email}.",
            "[Please a|A]dd {name} ({email}) [as a customer|to our customers|to the client list].",
            "[We have|We won|There is] a new [customer|client]: "
            "{name}, {email}.[ Add them please.|]",
            "new customer {name} {email}",
            "[Can you|Could you please] [register|sign up] {name} "
            "as a [client|customer]? [Email|The email is] {email}.",
            "[I met|I just signed] {name} today. Put them "
            "in [the system|our database], email {email}.",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [create|add|register|set "
            "up] a [new |][customer|client] {name} with [the |][email|address] {email}.",
        ),
        params=(
            Param(
                "name",
                "person",
                aka=("full_name", "customer_name"),
                about=("Full name of the new customer",),
            ),
            Param(
                "email",
                "email",
                aka=("mail", "email_address", "contact"),
                about=("Email address of the customer",),
            ),
        ),
        bare=("[Create|Add|Register] a [new |][customer|client][ please|].",),
        gives=(Param("customer_id", "number_id"),),
        tells=(
            "Done: {name} is now customer {customer_id}.",
            "[I created|I added] {name} with the number {customer_id}.",
        ),
    ),
    Intent(
        names=("update_customer_email", "changeEmail", "set_client_email"),
        about=(
            "Change the email address of a customer.",
            "Updates the contact email that is stored for a client.",
        ),
        asks=(
            "[Change|Update|Set] the email [address |]of {name} to {email}[ please|].",
            "{name} has a new email[ address|]: {email}[. Please update it|].",
            "[Can|Could|Would] you [update|correct] the "
            "[contact|email] of [customer |client |]{name} to {email}?",
            "From now on [write to|reach] {name} at {email}.[ Fix the record.|]",
            "[I need to|I want to] change the email for {name}. [It is|The new one is] {email}.",
            "The [mail|message] to {name} bounced. [Use|Store] {email} instead.",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[change|update|set] the email [address |]of {name} to {email}.",
        ),
        params=(
            Param(
                "name", "person", aka=("customer", "client_name"), about=("Name of the customer",)
            ),
            Param("email", "email", aka=("new_email", "address"), about=("The new email address",)),
        ),
        bare=("[Update|Change] the email of a customer.",),
        gives=(Param("updated", "date"),),
        tells=(
            "[Done: the|The] email of {name} is now {email}.",
            "Updated on {updated}: {name} has the address {email}.",
        ),
    ),
    Intent(
        names=("create_invoice", "newInvoice", "make_invoice", "bill_customer"),
        about=(
            "Create an invoice for a customer over an amount.",
            "Bills a company: makes a new invoice with the total amount.",
        ),
        asks=(
            "[Create|Make|Write|Prepare] an invoice [for|to] {customer} over {amount}[ please|].",
            "[Bill|Invoice|Charge] {customer} {amount}[ for our work|].",
            "[We finished the project|The work is done]. [Bill|Invoice] {customer} for {amount}.",
            "new invoice {customer} {amount}",
            "[Can|Could|Would] you [draw up|issue] an invoice of {amount} for {customer}?",
            "Create an invoice for {customer} over {amount}, due {due}.",
            "{customer} owes us {amount}, payable by {due}. [Make the invoice|Please bill them].",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[create|make|write|prepare] an invoice [for|to] {customer} over {amount}.",
        ),
        params=(
            Param(
                "customer",
                "company",
                aka=("client", "company", "bill_to"),
                about=("The company that is billed",),
            ),
            Param(
                "amount",
                "amount",
                aka=("total", "sum", "value"),
                about=("Total amount of the invoice",),
            ),
            Param(
                "due",
                "date",
                aka=("due_date", "deadline"),
                about=("Date by which it must be paid",),
                optional=True,
            ),
        ),
        bare=("[Create|Make] an invoice[ please|].",),
        gives=(Param("invoice", "code"),),
        tells=("[Done: invoice|I created invoice] {invoice} for {customer} over {amount}.",),
    ),
    Intent(
        names=("send_invoice", "emailInvoice", "deliver_invoice"),
        about=(
            "Send an invoice to an email address.",
            "Emails the invoice with the given code to the customer.",
        ),
        asks=(
            "[Send|Email|Forward|Mail] [the |]invoice {code} to {email}[ please|].",
            "[Can|Could|Would] you [send|email] {email} the invoice {code}?",
            "{email} [is waiting for|asked for|never got] [the bill|invoice] {code}.[ Send it.|]",
            "[The customer lost their bill|They need a "
            "copy]. Send {code} to {email} [again|once more].",
            "[I need|I want] invoice {code} [delivered|sent] to {email}.",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[send|email|forward|mail] [the |]invoice {code} to {email}.",
        ),
        params=(
            Param(
                "code",
                "code",
                aka=("invoice", "invoice_id", "number"),
                about=("Code of the invoice",),
            ),
            Param(
                "email",
                "email",
                aka=("to", "recipient", "address"),
                about=("Where the invoice is sent",),
            ),
        ),
        bare=("[Send|Email] [an|the] invoice[ please|].",),
        gives=(Param("status", enum=("sent", "queued")),),
        tells=(
            "Done: invoice {code} is {status} to {email}.",
            "Invoice {code} to {email}: {status}.",
        ),
    ),
    Intent(
        names=("find_invoice", "getInvoice", "invoice_status", "lookup_invoice"),
        about=(
            "Find an invoice by its code and show its status.",
            "Returns the amount and the state of an invoice.",
        ),
        asks=(
            "[Find|Show|Look up|Open] [the |]invoice {code}[ please|].",
            "[What is|What's] the status of invoice {code}?",
            "Has [the |]invoice {code} been paid[ yet| already|]?",
            "Did [they|the client|the customer] pay {code}[ yet| already|]?",
            "How much is [invoice|the invoice|bill] {code}?",
            "[I'm doing the books|I'm checking our accounts]. Where are we with {code}?",
            "[Can|Could|Would|Will] you [please |][find|show|look up|open] [the |]invoice {code}?",
        ),
        params=(
            Param(
                "code",
                "code",
                aka=("invoice_id", "number", "reference"),
                about=("The invoice code",),
            ),
        ),
        bare=("[Find|Show me] [an|the] invoice[ please|].",),
        gives=(Param("total", "amount"), Param("state", enum=("paid", "open", "overdue"))),
        tells=(
            "Invoice {code} over {total} is {state}.",
            "{code} is {state}, the total is {total}.",
        ),
    ),
    Intent(
        names=("place_order", "createOrder", "buy_product", "order_item"),
        about=(
            "Place an order for a number of units of a product.",
            "Orders a product from the shop in the given quantity.",
        ),
        asks=(
            "[Order|Buy|Get me] {count} [units|pieces|boxes] of {product}[ please|].",
            "[I want|I'd like|I would like] to [order|buy] {product}, quantity {count}.",
            "[Place|Make] an order for {product}, {count} [pieces|units][ please|].",
            "[We are running out|The shelf is empty]. Order {count} [packs|units] of {product}.",
            "[Can|Could|Would] you buy {product} for [us|me]? [We need|I need] {count}.",
            "order {product} x {count}",
            "[Please|I need you to|I want you to] [order|buy|get "
            "me] {count} [units|pieces|boxes] of {product}.",
        ),
        params=(
            Param(
                "product",
                "word",
                aka=("item", "article", "what"),
                about=("What to order", "name of the product"),
            ),
            Param(
                "count", "small_int", aka=("quantity", "qty", "amount"), about=("How many units",)
            ),
        ),
        bare=("[Place|Make] an order[ please|].",),
        gives=(Param("order", "code"),),
        tells=(
            "Done: order {order} for {count} of {product}.",
            "I ordered {product}, quantity {count}. The order is {order}.",
        ),
    ),
    Intent(
        names=("refund_order", "issueRefund", "give_refund", "return_money"),
        about=("Refund an amount of an order to the customer.", "Pays money back for an order."),
        asks=(
            "[Refund|Pay back] {amount} [for|on] [the |]order {order}[ please|].",
            "[Issue|Make|Start] a refund of {amount} for [the |]order {order}.",
            "[The customer is unhappy|The item was broken]. "
            "[Give back|Return] {amount} on {order}.",
            "[Can|Could|Would] you refund [order |]{order}? [It is|The sum is] {amount}.",
            "[I want|I need|I'd like] {amount} [back|returned] for [my |]order {order}.",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[refund|pay back] {amount} [for|on] [the |]order {order}.",
        ),
        params=(
            Param(
                "order",
                "code",
                aka=("order_id", "reference"),
                about=("The order that is refunded",),
            ),
            Param(
                "amount", "amount", aka=("sum", "value", "money"), about=("How much is paid back",)
            ),
        ),
        bare=("[I want a refund|Make a refund|Refund my order][ please|].",),
        gives=(Param("refund", "code"),),
        tells=(
            "Done: {amount} for order {order} is refunded as {refund}.",
            "Refund {refund} of {amount} is on its way.",
        ),
    ),
    Intent(
        names=("check_stock", "getInventory", "stock_level", "inventory_count"),
        about=(
            "Get how many units of a product are in stock.",
            "Checks the inventory of a product in a warehouse.",
        ),
        asks=(
            "How [many units|much] of {product} [do we have|is there|are left] in stock?",
            "[Check|Show|Look up] the [stock|inventory] of {product}[ please|].",
            "[Do we still have|Have we got] {product} [in stock|in the warehouse]?",
            "[A buyer is asking|A customer wants one]. [Can we deliver|Have we got] {product}?",
            "stock {product}",
            "[What is|What's] the stock level of {product} in the {city} warehouse?",
            "How many units of {product} are left in {city}?",
            "[Can|Could|Would|Will] you [please |][check|show|look "
            "up] the [stock|inventory] of {product}?",
        ),
        params=(
            Param(
                "product", "word", aka=("item", "article", "sku"), about=("The product to check",)
            ),
            Param(
                "city",
                "city",
                aka=("warehouse", "location", "site"),
                about=("City of the warehouse",),
                optional=True,
            ),
        ),
        bare=("[Check the stock|What do we have in stock|Check the inventory][ please|].",),
        gives=(Param("units", "int"),),
        tells=(
            "[There are|We have] {units} units of {product} in stock.",
            "Stock of {product}: {units} units.",
        ),
    ),
    Intent(
        names=("update_stock", "setInventory", "adjust_stock"),
        about=(
            "Set the number of units of a product in the inventory.",
            "Updates the stock of an article after a count.",
        ),
        asks=(
            "[Set|Update|Change] the [stock|inventory] of {product} to {count}[ please|].",
            "[We counted|I counted] {count} [pieces|units] of "
            "{product}[. Update the stock|, write that down].",
            "[The inventory is wrong|The stock is off]: "
            "there are {count} [units|pieces] of {product}.",
            "[Can|Could|Would] you [put|record] {product} at "
            "{count} [units|pieces] in the [stock|inventory]?",
            "stock {product} = {count}",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[set|update|change] the [stock|inventory] of {product} to {count}.",
        ),
        params=(
            Param(
                "product", "word", aka=("item", "article"), about=("Product whose stock changes",)
            ),
            Param(
                "count",
                "int",
                aka=("quantity", "units", "new_count"),
                about=("New number of units",),
            ),
        ),
        bare=("[Update|Change] the [stock|inventory][ please|].",),
        gives=(Param("status", enum=("saved", "updated")),),
        tells=("Done: the stock of {product} is now {count}.",),
    ),
    Intent(
        names=("get_price", "productPrice", "price_of", "lookup_price"),
        about=("Get the price of a product.", "Returns what an item costs in the shop."),
        asks=(
            "[What is|What's|Tell me] the price of {product}?",
            "How much [does {product} cost|is {product} in the shop]?",
            "[I'm thinking of buying one|I'm making an "
            "offer]. [What does|How much does] {product} cost?",
            "price {product}",
            "[Look up|Check|Show me] the [current |]price of {product}[ please|].",
            "Is {product} [expensive|cheap][ in the shop| at the moment|]?",
            "[Can I afford|What would I pay for] {product}?",
            "What's the price of {product} in {currency}?",
        ),
        params=(
            Param("product", "word", aka=("item", "article", "goods"), about=("The product",)),
            Param(
                "currency",
                "currency",
                aka=("in_currency", "cur"),
                about=("Currency of the price",),
                optional=True,
            ),
        ),
        bare=("[What's the price|How much does it cost]?",),
        gives=(Param("price", "amount"),),
        tells=("[The price of {product} is|One {product} costs] {price}.",),
    ),
    Intent(
        names=("set_price", "changePrice", "update_price"),
        about=("Set the price of a product in the shop.", "Changes what an item costs."),
        asks=(
            "[Set|Change|Update] the price of {product} to {price}[ please|].",
            "[From today|Starting now] {product} costs {price}.[ Update the shop.|]",
            "[Make|Sell] {product} [at|for] {price} from now on.",
            "[We have a sale|Costs went up]. The new price of {product} is {price}.",
            "[Can|Could|Would] you [put|change] {product} to a price of {price}?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[set|change|update] the price of {product} to {price}.",
        ),
        params=(
            Param("product", "word", aka=("item", "article"), about=("The product to change",)),
            Param("price", "amount", aka=("new_price", "value"), about=("The new price",)),
        ),
        bare=("[Change|Set] the price of a product[ please|].",),
        gives=(Param("valid_from", "date"),),
        tells=("Done: {product} costs {price} from {valid_from}.",),
    ),
    Intent(
        names=("find_warehouse", "nearestWarehouse", "warehouse_info"),
        about=(
            "Find the warehouse near a city and its free space.",
            "Tells how full the warehouse in a city is.",
        ),
        asks=(
            "[Which|What] warehouse [is near|do we have near] {city}?",
            "[How full is|How much space is in] the warehouse in {city}?",
            "[Find|Show|Look up] [the|our] warehouse [in|near] {city}[ please|].",
            "Where [can we|could I] store [goods|pallets] [near|around] {city}?",
            "[We have ten pallets too many|Our storage is full]. Is there room in {city}?",
            "[Can|Could|Would|Will] you [please |][find|show|look "
            "up] [the|our] warehouse [in|near] {city}?",
        ),
        params=(
            Param("city", "city", aka=("location", "place", "near"), about=("City to look near",)),
        ),
        bare=("[Find a warehouse|How full is the warehouse][ please|]?",),
        gives=(Param("site", "code"), Param("full", "percent")),
        tells=(
            "Warehouse {site} near {city} is {full} percent full.",
            "In {city} there is {site}, {full} percent full.",
        ),
    ),
    Intent(
        names=("create_shipment", "shipGoods", "send_parcel"),
        about=("Ship a product to a city.", "Creates a shipment and returns the tracking code."),
        asks=(
            "[Ship|Send|Deliver] {product} to {city}[ please|].",
            "[Create|Prepare|Book] a shipment of {product} to {city}.",
            "[Our branch in|The store in] {city} needs {product}[. Please ship it|, send some].",
            "[Can|Could|Would] you [get|send] {product} to {city} [by truck|by post|soon]?",
            "[I need|We need] {product} [shipped|delivered] to {city}.",
            "[Please|Go ahead and|I need you to|I want you "
            "to|Let's] [ship|send|deliver] {product} to {city}.",
        ),
        params=(
            Param("product", "word", aka=("item", "goods", "contents"), about=("What is shipped",)),
            Param("city", "city", aka=("to", "destination"), about=("Where it goes",)),
        ),
        bare=("[Ship something|Create a shipment][ please|].",),
        gives=(Param("tracking", "code"),),
        tells=("Done: {product} goes to {city}, tracking code {tracking}.",),
    ),
    Intent(
        names=("find_supplier", "searchSuppliers", "supplier_for"),
        about=(
            "Find a supplier for a product.",
            "Searches for companies that sell a material or item to us.",
        ),
        asks=(
            "[Find|Search for|Look for] a supplier [of|for] {product}[ please|].",
            "[Who|Which supplier] [supplies|delivers|sells] {product}[ to us|]?",
            "Where [do|can|could] we [buy|get|source] {product}?",
            "[Our vendor went out of business|Our maker raised prices]. Who else makes {product}?",
            "[I need|We need] a [new |good |]supplier for {product}.",
            "supplier {product}",
            "[Can|Could|Would|Will] you [please |][find|search "
            "for|look for] a supplier [of|for] {product}?",
        ),
        params=(
            Param(
                "product", "word", aka=("item", "material", "goods"), about=("What we want to buy",)
            ),
        ),
        bare=("[Find|I need] a supplier[ please|].",),
        gives=(Param("supplier", "company"), Param("rating", "small_int")),
        tells=(
            "{supplier} supplies {product}, rating {rating}.",
            "[You can|We could] get {product} from {supplier}.",
        ),
    ),
    Intent(
        names=("lookup_employee", "findEmployee", "staff_directory", "get_colleague"),
        about=(
            "Look up an employee in the staff directory.",
            "Finds the phone number and office of a colleague.",
        ),
        asks=(
            "[Look up|Find|Show me] [the employee |our "
            "colleague |]{name} in the [directory|staff list].",
            "[What is|What's] the [office|work] [phone|extension] of [our colleague |]{name}?",
            "[In which room|Where] does [employee |our colleague |]{name} [work|sit]?",
            "[I need to speak to|How do I reach] {name} from [sales|accounting|the lab]?",
            "Does {name} [work here|work for us|have a desk here]?",
            "employee {name}",
            "[Can|Could|Would|Will] you [please |][look up|find|show me] [the "
            "employee |our colleague |]{name} in the [directory|staff list]?",
        ),
        params=(
            Param(
                "name",
                "person",
                aka=("employee", "full_name", "colleague"),
                about=("Name of the employee",),
            ),
        ),
        bare=("[Look up an employee|Find a colleague][ please|].",),
        gives=(Param("extension", "number_id"), Param("office", "code")),
        tells=(
            "{name} sits in {office}, extension {extension}.",
            "You reach {name} at {extension}.",
        ),
    ),
    Intent(
        names=("request_vacation", "bookLeave", "vacation_request", "apply_for_leave"),
        about=(
            "Request vacation from one date to another.",
            "Asks for leave: days off between two dates.",
        ),
        asks=(
            "[Request|Book|Enter] [vacation|leave] from {start} to {end}[ please|].",
            "[I want|I'd like|I need] [vacation|time off|days off] from {start} until {end}.",
            "[I'm going to the sea|We're visiting family]. "
            "[Ask for|Request] leave from {start} to {end}.",
            "[Can I have|May I take] [holiday|vacation] between {start} and {end}?",
            "I [won't be|will not be] at work from {start} to {end}[. Please file it|].",
            "vacation {start} - {end}",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[request|book|enter] [vacation|leave] from {start} to {end}.",
        ),
        params=(
            Param(
                "start",
                "date",
                aka=("from_date", "first_day", "begin"),
                about=("First day of the vacation",),
            ),
            Param(
                "end",
                "date",
                aka=("to_date", "last_day", "until"),
                about=("Last day of the vacation",),
            ),
        ),
        bare=("[I want vacation|Request leave for me|Book my vacation].",),
        gives=(Param("request", "code"), Param("status", enum=("pending", "approved"))),
        tells=(
            "Your vacation from {start} to {end} is {status}.",
            "Done: request {request} is {status}.",
        ),
    ),
    Intent(
        names=("vacation_balance", "remainingLeave", "days_off_left"),
        about=(
            "Get how many vacation days are left.",
            "Shows the remaining leave of the employee this year.",
        ),
        asks=(
            "How many [vacation days|days of leave|days off] [do I have|are] left?",
            "[What is|What's|Show me] my [vacation|leave] balance[ please|]?",
            "[Check|Show] my remaining [vacation|leave][ days|][ please|].",
            "Can I still take [a week|a few days|some days] off[ this year|]?",
            "[I'm tired|I'm planning a trip]. [How much "
            "leave|How much vacation] [do I have|is left]?",
            "How many days off are left in {year}?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[check|show] my remaining [vacation|leave][ days|].",
        ),
        params=(
            Param("year", "year", aka=("in_year",), about=("Year of the balance",), optional=True),
        ),
        gives=(Param("days", "small_int"),),
        tells=("You have {days} [vacation days|days] left.",),
    ),
    Intent(
        names=("get_salary_slip", "paySlip", "salary_statement", "download_payslip"),
        about=("Get the salary slip of a month.", "Returns the pay statement with the net pay."),
        asks=(
            "[Show|Get|Give|Send] me [my|the] [salary "
            "slip|payslip|pay statement] [for|of] {month}[ please|].",
            "[What|How much] did I [earn|get paid] in {month}?",
            "[I need|I'd like] my [salary slip|payslip] [for|from] {month}.",
            "[My bank asks for proof of income|The landlord "
            "wants my papers]. Take the pay slip of {month}.",
            "payslip {month}",
            "[Where is|Download] my salary statement of {month}[ please|].",
            "[Can|Could|Would|Will] you [please |][show|get|give|send] me "
            "[my|the] [salary slip|payslip|pay statement] [for|of] {month}?",
        ),
        params=(
            Param(
                "month",
                aka=("period", "for_month"),
                about=("Month of the slip",),
                enum=(
                    "january",
                    "february",
                    "march",
                    "april",
                    "may",
                    "june",
                    "july",
                    "august",
                    "september",
                    "october",
                    "november",
                    "december",
                ),
            ),
        ),
        bare=("[Show me|I need] my [salary slip|payslip][ please|].",),
        gives=(Param("net", "amount"),),
        tells=("[In {month} you earned|Your net pay for {month} was] {net}.",),
    ),
    Intent(
        names=("book_meeting_room", "reserveRoom", "reserve_meeting_room"),
        about=(
            "Book a meeting room on a day at a time.",
            "Reserves a room in the office for a meeting.",
        ),
        asks=(
            "[Book|Reserve|Get] a [meeting room|conference "
            "room] [on|for] {day} at {time}[ please|].",
            "[I need|We need|I'd like] a [room|meeting room] {day} at {time}.",
            "[A client is coming|We have visitors]. [Find|Get] us a place to meet {day} at {time}.",
            "[Is a meeting room|Is any room] free {day} at {time}? [Book it|Take it][ please|].",
            "meeting room {day} {time}",
            "Book a meeting room {day} at {time} for {people} people.",
            "[Can|Could|Would|Will] you [please |][book|reserve|get] "
            "a [meeting room|conference room] [on|for] {day} at {time}?",
        ),
        params=(
            Param("day", "day", aka=("date", "on"), about=("Day of the meeting",)),
            Param(
                "time", "time", aka=("start", "at", "start_time"), about=("Start of the meeting",)
            ),
            Param(
                "people",
                "small_int",
                aka=("seats", "size", "attendees"),
                about=("How many people come",),
                optional=True,
            ),
        ),
        bare=("[Book|Reserve|I need] a meeting room[ please|].",),
        gives=(Param("chamber", "code"),),
        tells=("[Done: room|I booked room] {chamber} {day} at {time}.",),
    ),
    Intent(
        names=("create_survey", "newSurvey", "make_poll", "start_survey"),
        about=("Create a survey about a topic.", "Makes a questionnaire and returns its link."),
        asks=(
            "[Create|Make|Start|Set up] a survey [about|on] {topic}[ please|].",
            "[I want|We want] to [ask|know] what people "
            "think [about|of] {topic}.[ Make a survey.|]",
            "[Can|Could|Would] you [build|make] a [questionnaire|poll] [on|about] {topic}?",
            "[Collect|Gather] opinions [on|about] {topic}[ from our users| from the team|].",
            "survey {topic}",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[create|make|start|set up] a survey [about|on] {topic}.",
        ),
        params=(
            Param(
                "topic",
                "topic",
                aka=("subject", "about", "theme"),
                about=("What the survey is about",),
            ),
        ),
        bare=("[Create|Make|Start] a survey[ please|].",),
        gives=(Param("link", "url"),),
        tells=(
            "Done: the survey about {topic} is at {link}.",
            "[Here is|You can share] the survey: {link}",
        ),
    ),
    Intent(
        names=("add_lead", "createLead", "save_lead", "new_lead"),
        about=(
            "Add a sales lead with the name of a person and a company.",
            "Saves a possible buyer for the sales team.",
        ),
        asks=(
            "[Add|Save|Create] a [new |][lead|sales lead]: {name} [from|at] {company}[.|]",
            "[I met|I talked to] {name} [from|of] {company}. [Save the lead|Add them as a lead].",
            "{name} at {company} [may buy|is interested]. "
            "[Tell sales|Note that for the sales team].",
            "new lead {name}, {company}",
            "[Can|Could|Would] you [enter|record] {name} of {company} as a [sales |]lead?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [add|save|create] "
            "a [new |][lead|sales lead]: {name} [from|at] {company}[.|]",
        ),
        params=(
            Param(
                "name",
                "person",
                aka=("contact", "lead", "full_name"),
                about=("Name of the person",),
            ),
            Param(
                "company",
                "company",
                aka=("firm", "organization", "employer"),
                about=("Company of the person",),
            ),
        ),
        bare=("[Add|Save] a [new |]lead[ please|].",),
        gives=(Param("lead_id", "number_id"),),
        tells=("Done: {name} of {company} is lead {lead_id}.",),
    ),
    Intent(
        names=("start_campaign", "launchCampaign", "run_campaign"),
        about=(
            "Start a marketing campaign with a title and a budget.",
            "Launches an advertising campaign.",
        ),
        asks=(
            '[Start|Launch|Run] [the |a |]campaign "{title}" with a budget of {budget}[ please|].',
            "[Launch|Start] the [marketing|ad] campaign '{title}', budget {budget}.",
            "[We want to advertise|Let's advertise]: {title}. We can spend {budget}.",
            "[Can|Could|Would] you [launch|run] [our|the] campaign {title} for {budget}?",
            "[Sales are slow|We need more buyers]. Start "
            '"{title}" and spend [at most |up to |]{budget}.',
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            '[start|launch|run] [the |a |]campaign "{title}" with a budget of {budget}.',
        ),
        params=(
            Param(
                "title",
                "title",
                aka=("name", "campaign", "headline"),
                about=("Name of the campaign",),
            ),
            Param(
                "budget", "amount", aka=("spend", "money", "cost"), about=("How much may be spent",)
            ),
        ),
        bare=("[Start|Launch] a campaign[ please|].",),
        gives=(Param("campaign_id", "number_id"),),
        tells=("Done: the campaign {title} runs with {budget}.", "Campaign {campaign_id} is live."),
    ),
    Intent(
        names=("open_ticket", "createTicket", "report_issue", "new_support_ticket"),
        about=("Open a support ticket about a problem.", "Reports an issue to customer support."),
        asks=(
            "[Open|Create|File] a [support |]ticket: {text}",
            "[Open|Create|File] a [support |]ticket "
            '[saying|with the text|about] "{text}"[ please|].',
            '[Report|Tell support] [this|the] [issue|problem]: "{text}"',
            "[I have|There is] a problem for [support|the help desk]: {text}",
            "[I need help from support|I need the help desk]. '{text}'",
            'Open a {priority} priority ticket: "{text}"',
            "[Tell the help desk|Complain to support] that something is wrong: {text}",
            "[Can|Could|Would|Will] you [please |][open|create|file] a [support |]ticket: {text}",
        ),
        params=(
            Param(
                "text",
                "sentence",
                aka=("message", "description", "summary", "problem"),
                about=("What the problem is",),
            ),
            Param(
                "priority",
                aka=("urgency", "level"),
                about=("How urgent it is",),
                enum=("low", "normal", "high"),
                optional=True,
            ),
        ),
        bare=("[Open|Create|File] a [support |]ticket[ please|].",),
        gives=(Param("ticket", "code"),),
        tells=("[Done: ticket|I opened ticket] {ticket}.",),
    ),
    Intent(
        names=("close_ticket", "resolveTicket", "finish_ticket"),
        about=(
            "Close a support ticket that is solved.",
            "Marks a ticket of a customer as resolved.",
        ),
        asks=(
            "[Close|Resolve|Finish] [the |]ticket {ticket}[ please|].",
            "[The problem is solved|It works again|The customer is happy]. Close {ticket}.",
            "[Mark|Set] [the ticket |]{ticket} as [solved|resolved|done].",
            "[Can|Could|Would] you close [the |][support |]ticket {ticket}?",
            "We're done with {ticket}[, you can close it|].",
            "[Please|Go ahead and|I need you to|I want you "
            "to|Let's] [close|resolve|finish] [the |]ticket {ticket}.",
        ),
        params=(
            Param("ticket", "code", aka=("ticket_id", "case"), about=("The ticket to close",)),
        ),
        bare=("[Close|Resolve] the ticket[ please|].",),
        gives=(Param("closed", "date"),),
        tells=("Done: ticket {ticket} is closed.",),
    ),
    Intent(
        names=("find_contract", "getContract", "contract_details"),
        about=("Find the contract with a company.", "Tells when the contract with a partner ends."),
        asks=(
            "[Find|Show|Open] [the|our] contract with {company}[ please|].",
            "When does [the|our] contract with {company} [end|expire|run out]?",
            "[Do we have|Is there] a contract with {company}?",
            "[I'm preparing the talks|Legal is asking]. [What "
            "did we sign|Until when are we bound] with {company}?",
            "contract {company}",
            "[Can|Could|Would|Will] you [please "
            "|][find|show|open] [the|our] contract with {company}?",
        ),
        params=(
            Param(
                "company",
                "company",
                aka=("partner", "party", "firm"),
                about=("The other party of the contract",),
            ),
        ),
        bare=("[Find|Show me] the contract[ please|].",),
        gives=(Param("contract", "code"), Param("ends", "date")),
        tells=("Contract {contract} with {company} ends on {ends}.",),
    ),
    Intent(
        names=("find_document", "searchDocuments", "search_docs", "locate_document"),
        about=(
            "Find a document about a topic in the company archive.",
            "Searches the shared documents.",
        ),
        asks=(
            "[Find|Search for|Look for] [the document|a "
            "document|documents] [about|on] {topic}[ please|].",
            "[Where is the|Do we have a|Is there any] [document|paper|report] [about|on] {topic}?",
            "[I need|I'm looking for] [the papers|our documents|what we wrote] on {topic}.",
            "Did [anyone|somebody] [here |]write [something|anything] about {topic}?",
            "documents {topic}",
            "[I have to present tomorrow|I'm new here]. Which files should I read about {topic}?",
            "[Can|Could|Would|Will] you [please |][find|search for|look "
            "for] [the document|a document|documents] [about|on] {topic}?",
        ),
        params=(
            Param(
                "topic",
                "topic",
                aka=("query", "subject", "about"),
                about=("What the document is about",),
            ),
        ),
        bare=("[Find|Search for] a document[ please|].",),
        gives=(Param("document", "filename"), Param("pages", "int")),
        tells=(
            "[I found|There is] {document} with {pages} pages about {topic}.",
            "The document is {document}.",
        ),
    ),
    Intent(
        names=("sign_document", "signFile", "add_signature"),
        about=("Sign a document with your digital signature.", "Puts a signature on a file."),
        asks=(
            "[Sign|Put my signature on] [the |][document |file |]{file}[ please|].",
            "[Can|Could|Would] you sign {file} [for me|in my name]?",
            "[I need|They want] [my signature|a signature] on {file}.",
            "[I read it and I agree|Everything looks fine]. [Sign|Go ahead and sign] {file}.",
            "{file} [is waiting for|still needs] my signature.",
        ),
        params=(
            Param(
                "file",
                "filename",
                aka=("document", "name", "path"),
                about=("The document to sign",),
            ),
        ),
        bare=("[Sign|Can you sign] the document[ please|].",),
        gives=(Param("signature", "code"),),
        tells=("Done: {file} is signed, signature {signature}.",),
    ),
    Intent(
        names=("share_document", "shareFile", "give_file_access"),
        about=("Share a document with a person by email.", "Gives somebody access to a file."),
        asks=(
            "[Share|Give access to] [the |][document |file |]{file} [with|to] {email}[ please|].",
            "[Can|Could|Would] you [let|allow] {email} [see|read|edit] {file}?",
            "{email} [needs|should have|wants] access to {file}.",
            "[We're working on it together|My colleague "
            "has to read it]. Share {file} with {email}.",
            "share {file} {email}",
        ),
        params=(
            Param("file", "filename", aka=("document", "name"), about=("The document to share",)),
            Param("email", "email", aka=("with", "user", "recipient"), about=("Who gets access",)),
        ),
        bare=("[Share|Can you share] the document[ please|].",),
        gives=(Param("link", "url"),),
        tells=("Done: {email} can open {file}.", "{file} is shared with {email}: {link}"),
    ),
    Intent(
        names=("set_cell", "updateCell", "write_spreadsheet_cell"),
        about=("Write a value into a cell of a spreadsheet.", "Sets a number in a table cell."),
        asks=(
            "[Set|Put|Write] [the |]cell {cell} [of the "
            "spreadsheet |in the sheet |]to {value}[ please|].",
            "[Put|Enter|Write] {value} [into|in] [the |]cell {cell}[ of the spreadsheet|].",
            "[The spreadsheet is wrong|The table has a "
            "mistake]: {cell} [should be|must say] {value}.",
            "[Can|Could|Would] you change [cell |]{cell} [of the sheet |]to {value}?",
            "{cell} = {value}[ in the spreadsheet|]",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [set|put|write] "
            "[the |]cell {cell} [of the spreadsheet |in the sheet |]to {value}.",
        ),
        params=(
            Param("cell", "code", aka=("address", "position", "ref"), about=("The cell",)),
            Param("value", "int", aka=("number", "content"), about=("What to write",)),
        ),
        bare=("[Set a cell|Change a cell of the spreadsheet][ please|].",),
        gives=(Param("status", enum=("saved", "written")),),
        tells=("Done: {cell} is {value}.",),
    ),
    Intent(
        names=("create_slides", "makePresentation", "new_presentation", "build_slide_deck"),
        about=(
            "Create slides for a presentation about a topic.",
            "Makes a slide deck with a number of slides.",
        ),
        asks=(
            "[Create|Make|Build|Prepare] [slides|a presentation|a "
            "slide deck] [about|on] {topic}[ please|].",
            "[I need|I want] [some slides|a presentation] [on|about] {topic}.",
            "[I'm giving a talk|I speak at a conference] "
            "[soon|tomorrow] about {topic}.[ Make slides.|]",
            "Make a presentation about {topic} with {count} slides.",
            "{count} slides on {topic}[ please|]",
            "[Can|Could|Would] you [put together|draft] a deck on {topic}?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[create|make|build|prepare] [slides|a "
            "presentation|a slide deck] [about|on] {topic}.",
        ),
        params=(
            Param(
                "topic",
                "topic",
                aka=("subject", "about", "theme"),
                about=("What the presentation is about",),
            ),
            Param(
                "count",
                "small_int",
                aka=("slides", "pages", "number"),
                about=("Number of slides",),
                optional=True,
            ),
        ),
        bare=("[Create|Make] [some slides|a presentation][ please|].",),
        gives=(Param("file", "filename"),),
        tells=("Done: the slides about {topic} are in {file}.",),
    ),
    Intent(
        names=("post_message", "sendToChannel", "post_to_channel", "channel_message"),
        about=(
            "Post a message to a chat channel.",
            "Writes a text into a channel of the team chat.",
        ),
        asks=(
            '[Post|Write|Send] "{text}" [to|in] the {channel} channel[ please|].',
            "[Tell|Let] the {channel} channel[ know|]: {text}",
            "[Post|Put] this in [the channel |]{channel}: {text}",
            "[Can|Could|Would] you [post|announce] '{text}' in "
            "[{channel}|the {channel} chat|the {channel} channel]?",
            'Message to [{channel}|the {channel} channel]: "{text}"',
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            '[post|write|send] "{text}" [to|in] the {channel} channel.',
        ),
        params=(
            Param(
                "channel",
                aka=("room", "to", "channel_name"),
                about=("The chat channel",),
                enum=("general", "random", "support", "sales", "design", "announcements"),
            ),
            Param("text", "sentence", aka=("message", "body", "content"), about=("What to write",)),
        ),
        bare=("[Post a message|Write something in the chat][ please|].",),
        gives=(Param("message_id", "number_id"),),
        tells=("Done: [I posted it|your message is] in {channel}.",),
    ),
    Intent(
        names=(
            "start_video_meeting",
            "createVideoCall",
            "new_video_meeting",
            "schedule_video_call",
        ),
        about=(
            "Set up a video meeting with a person at a time.",
            "Schedules a video call and returns the link.",
        ),
        asks=(
            "[Set up|Schedule|Plan|Create] a video [meeting|call] with {name} at {time}[ please|].",
            "[I need|I want|I'd like] [to see|a video "
            "call with] {name} on [video|screen] at {time}.",
            "[Can|Could|Would] you [arrange|plan] an online meeting with {name} for {time}?",
            "[We can't travel|I'm at home today]. Let me meet {name} online at {time}.",
            "video call {name} {time}",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [set "
            "up|schedule|plan|create] a video [meeting|call] with {name} at {time}.",
        ),
        params=(
            Param(
                "name",
                "person",
                aka=("with", "guest", "participant"),
                about=("Who joins the meeting",),
            ),
            Param("time", "time", aka=("start", "at", "start_time"), about=("When it starts",)),
        ),
        bare=("[Set up|Schedule] a video [meeting|call][ please|].",),
        gives=(Param("link", "url"),),
        tells=("Done: video meeting with {name} at {time}: {link}", "The link is {link}."),
    ),
    Intent(
        names=("submit_expense", "addExpense", "expense_report", "claim_expense"),
        about=(
            "Submit an expense with an amount and a category.",
            "Adds a cost to the expense report.",
        ),
        asks=(
            "[Submit|Add|File] an expense of {amount} for {category}[ please|].",
            "[I spent|I paid] {amount} [on|for] {category}[. "
            "Put it in my expense report|, I want it back].",
            "[I was on a business trip|I'm back from the fair]. "
            "{amount} for {category} [please|goes on my expenses].",
            "expense {category} {amount}",
            "[Can|Could|Would] you [claim|add] {amount} for {category} [in|to] my expense report?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[submit|add|file] an expense of {amount} for {category}.",
        ),
        params=(
            Param("amount", "amount", aka=("cost", "sum", "total"), about=("How much was paid",)),
            Param(
                "category",
                aka=("kind", "type", "for"),
                about=("What the money was for",),
                enum=("travel", "food", "hotel", "taxi", "books", "software"),
            ),
        ),
        bare=("[Submit|Add] an expense[ please|].",),
        gives=(Param("report", "code"),),
        tells=("Done: {amount} for {category} is in report {report}.",),
    ),
    Intent(
        names=("get_budget", "budgetLeft", "check_budget", "remaining_budget"),
        about=(
            "Get how much budget of a department is left.",
            "Shows what a team may still spend.",
        ),
        asks=(
            "How much budget [does|has] [the |]{team}[ team| department|] [still have|have left]?",
            "[What is|What's|Show me] the [remaining "
            "|]budget of [the |]{team}[ team| department|]?",
            "[Check|Show] the {team} budget[ please|].",
            "[Can|May] [the people in |]{team} still [spend|buy something] this year?",
            "budget {team}",
            "[I'm planning next quarter|The boss is asking]. How much money is left for {team}?",
            "[Please|Go ahead and|I need you to|I want "
            "you to|Let's] [check|show] the {team} budget.",
        ),
        params=(
            Param(
                "team",
                aka=("department", "group", "unit"),
                about=("The department",),
                enum=("marketing", "sales", "research", "design", "finance", "logistics"),
            ),
        ),
        bare=("[How much budget is left|Show me the budget]?",),
        gives=(Param("left", "amount"), Param("used", "percent")),
        tells=("[The {team} budget has|There is] {left} left, {used} percent is used.",),
    ),
    Intent(
        names=("calculate_tax", "incomeTax", "tax_estimate", "compute_tax"),
        about=(
            "Calculate the income tax on a salary.",
            "Estimates how much tax is due in a country.",
        ),
        asks=(
            "How much [tax|income tax] [do I pay|is due] on {income} in {country}?",
            "[Calculate|Compute|Estimate] the tax [on|for] {income} in {country}[ please|].",
            "[I earn|I make] {income} [a month |]in {country}. "
            "[What does the state take|How much tax is that]?",
            "[I'm moving to|I got a job in] {country}. What is left of {income} after tax?",
            "tax {income} {country}",
            "[Can|Could|Would|Will] you [please |][calculate|compute|estimate] "
            "the tax [on|for] {income} in {country}?",
        ),
        params=(
            Param("income", "amount", aka=("salary", "earnings", "sum"), about=("The income",)),
            Param(
                "country",
                "country",
                aka=("where", "nation"),
                about=("Country whose tax rules apply",),
            ),
        ),
        bare=("[Calculate my tax|How much tax do I pay]?",),
        gives=(Param("tax", "amount"),),
        tells=("[In {country} the tax|The tax] on {income} is {tax}.",),
    ),
    Intent(
        names=("mortgage_payment", "loanPayment", "calculate_loan", "monthly_rate"),
        about=(
            "Calculate the monthly payment of a loan or mortgage.",
            "Tells what a credit costs each month.",
        ),
        asks=(
            "[Calculate|Compute] the [monthly |]payment for "
            "a [loan|mortgage] of {amount} over {years} years.",
            "What [do I pay|would it cost] each month for a "
            "[loan|mortgage] of {amount} [over|for] {years} years?",
            "[We want to buy a house|I need a new car]. "
            "[We|I] borrow {amount} [for|over] {years} years.",
            "[Can I afford|How much is] a credit of {amount} paid back in {years} years?",
            "mortgage {amount} {years} years",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [calculate|compute] "
            "the [monthly |]payment for a [loan|mortgage] of {amount} over {years} years.",
        ),
        params=(
            Param(
                "amount",
                "amount",
                aka=("principal", "loan", "sum"),
                about=("How much is borrowed",),
            ),
            Param(
                "years",
                "small_int",
                aka=("term", "duration", "period"),
                about=("How many years it takes",),
            ),
        ),
        bare=("[Calculate a loan|What would a mortgage cost]?",),
        gives=(Param("monthly", "amount"),),
        tells=("[You pay|It costs] {monthly} a month for {years} years.",),
    ),
    Intent(
        names=("file_claim", "insuranceClaim", "report_damage", "new_claim"),
        about=("File an insurance claim for a damage.", "Reports a loss to the insurance."),
        asks=(
            "[File|Open|Submit] [an|a new] insurance claim "
            "[for|about] {kind} damage on {date}[ please|].",
            "[There was|We had] {kind} damage on {date}. [Tell the insurance|File a claim].",
            "[I want|I need] to [claim|report] {kind} damage [from|of] {date}[ to my insurance|].",
            "[My house is a mess|It was terrible]. It "
            "was {kind} on {date}, [who pays|am I covered]?",
            "insurance claim {kind} {date}",
            "[Can|Could|Would|Will] you [please |][file|open|submit] "
            "[an|a new] insurance claim [for|about] {kind} damage on {date}?",
        ),
        params=(
            Param(
                "kind",
                aka=("damage", "type", "cause"),
                about=("What happened",),
                enum=("water", "fire", "storm", "car", "glass", "theft"),
            ),
            Param("date", "date", aka=("day", "happened_on", "when"), about=("When it happened",)),
        ),
        bare=("[File|Open] an insurance claim[ please|].",),
        gives=(Param("claim", "code"),),
        tells=("Done: claim {claim} for {kind} damage on {date} is filed.",),
    ),
    Intent(
        names=("book_doctor", "doctorAppointment", "book_appointment", "clinic_appointment"),
        about=(
            "Book an appointment with a doctor at a clinic.",
            "Makes a visit at the doctor on a day at a time.",
        ),
        asks=(
            "[Book|Make|Get me] [an appointment|a visit] "
            "with [the |a ]{doctor} {day} at {time}[ please|].",
            "[I need|I'd like] to see [the|a] {doctor} {day} at {time}.",
            "[Can I|Could I] come to the {doctor} [at the clinic |]{day} at {time}?",
            "[I don't feel well|Something hurts|I'm in pain]. "
            "Get me to [the|a] {doctor} {day} at {time}.",
            "{doctor} appointment {day} {time}",
            "[Please|I need you to|I want you to] [book|make|get me] [an "
            "appointment|a visit] with [the |a ]{doctor} {day} at {time}.",
        ),
        params=(
            Param(
                "doctor",
                aka=("specialist", "kind", "with"),
                about=("What doctor to see",),
                enum=(
                    "dentist",
                    "surgeon",
                    "dermatologist",
                    "pediatrician",
                    "cardiologist",
                    "doctor",
                ),
            ),
            Param("day", "day", aka=("date", "on"), about=("Day of the visit",)),
            Param("time", "time", aka=("at", "hour"), about=("Time of the visit",)),
        ),
        bare=("[Book|Make] an appointment [with a doctor|at the clinic][ please|].",),
        gives=(Param("appointment", "code"),),
        tells=("Done: your {doctor} appointment is {day} at {time}.",),
    ),
    Intent(
        names=("medication_reminder", "remindMedicine", "set_pill_reminder"),
        about=(
            "Set a reminder to take a medicine at a time.",
            "Reminds you every day of your pills.",
        ),
        asks=(
            "[Remind me|Set a reminder] to take [my |]{medicine} at {time}[ every day| please|].",
            "[I have to|I must|I should] take [my |]{medicine} [daily |]at {time}.[ Remind me.|]",
            "[Don't let me forget|I always forget] [my |the ]{medicine} at {time}.",
            "[Can|Could|Would] you [set|make] a "
            "[medication|pill] reminder for {medicine} at {time}?",
            "{medicine} every day at {time}[ please|]",
        ),
        params=(
            Param(
                "medicine",
                aka=("medication", "drug", "pill"),
                about=("The medicine",),
                enum=("aspirin", "insulin", "antibiotics", "vitamins", "eye drops", "cough syrup"),
            ),
            Param("time", "time", aka=("at", "when", "hour"), about=("When to take it",)),
        ),
        bare=("[Set a medication reminder|Remind me to take my medicine].",),
        gives=(Param("reminder", "number_id"),),
        tells=("Done: I remind you of {medicine} at {time}.",),
    ),
    Intent(
        names=("log_blood_pressure", "addBloodPressure", "record_pressure"),
        about=(
            "Log a blood pressure value with both numbers.",
            "Records systolic and diastolic blood pressure.",
        ),
        asks=(
            "[Log|Record|Save|Note] my blood pressure: {high} over {low}[ please|].",
            "My blood pressure [is|was] {high} over {low}[ today| this morning|].",
            "[I just measured|The doctor measured] {high} over {low}.[ Write it down.|]",
            "blood pressure {high}/{low}",
            "[I was at the doctor|I feel dizzy]: {high} over {low}. [Note it|Keep that].",
            "[Can|Could|Would|Will] you [please |][log|record|save|note] "
            "my blood pressure: {high} over {low}?",
        ),
        params=(
            Param("high", "int", aka=("systolic", "upper", "top"), about=("The upper value",)),
            Param("low", "int", aka=("diastolic", "lower", "bottom"), about=("The lower value",)),
        ),
        bare=("[Log|Record] my blood pressure[ please|].",),
        gives=(Param("verdict", enum=("normal", "elevated", "high")),),
        tells=("[Logged|Saved]: {high} over {low}[, that is {verdict}|].",),
    ),
    Intent(
        names=("log_workout", "addWorkout", "record_exercise", "save_training"),
        about=(
            "Log a workout with the sport and how long it was.",
            "Records exercise in the training diary.",
        ),
        asks=(
            "[Log|Record|Save] [a workout|my training|an "
            "exercise]: {sport} for {duration}[ please|].",
            "I [did|went] {sport} for {duration}[ today| this morning|].[ Log it.|]",
            "[Add|Put] {duration} of {sport} [to|into] my [workouts|training diary].",
            "[I'm sweating|I'm so proud]: {duration} of {sport}[. Note that|. Write it down]!",
            "workout {sport} {duration}",
            "[Can|Could|Would|Will] you [please |][log|record|save] [a "
            "workout|my training|an exercise]: {sport} for {duration}?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [add|put] "
            "{duration} of {sport} [to|into] my [workouts|training diary].",
        ),
        params=(
            Param(
                "sport",
                aka=("activity", "exercise", "kind"),
                about=("What you did",),
                enum=("running", "swimming", "cycling", "yoga", "rowing", "hiking", "boxing"),
            ),
            Param(
                "duration",
                "duration",
                aka=("time", "length", "how_long"),
                about=("How long it took",),
            ),
        ),
        bare=("[Log|Record] [my|a] workout[ please|].",),
        gives=(Param("burned", "int"),),
        tells=("[Logged|Saved]: {sport} for {duration}, {burned} calories.",),
    ),
    Intent(
        names=("sleep_report", "getSleep", "sleep_hours", "how_did_i_sleep"),
        about=(
            "Get how long and how well you slept on a date.",
            "Shows the sleep record of a night.",
        ),
        asks=(
            "How [long|well] did I sleep on {date}?",
            "[Show|Give] me my sleep [report|record|data] [for|of] {date}[ please|].",
            "[How was|How good was] [my sleep|the night] [on|of] {date}?",
            "[I was so tired|I felt awful] on {date}. [Did I get enough rest|How was my night]?",
            "sleep {date}",
            "[Can|Could|Would|Will] you [please |][show|give] "
            "me my sleep [report|record|data] [for|of] {date}?",
        ),
        params=(Param("date", "date", aka=("night", "day", "on"), about=("Night to look up",)),),
        bare=("[How did I sleep|Show me my sleep report]?",),
        gives=(Param("hours", "small_int"), Param("score", "percent")),
        tells=("[On {date} you slept|You slept] {hours} hours, score {score}.",),
    ),
    Intent(
        names=("feed_pet", "petFeeder", "give_pet_food"),
        about=("Feed a pet with the automatic feeder.", "Gives the animal a number of portions."),
        asks=(
            "[Feed|Give food to] [my|the] {pet}[ now| please|].",
            "[I think|It seems] my {pet} is hungry.[ Give it something.| Then feed it.|]",
            "[I'm at work and forgot|I'm not at home]: [my|the] {pet} needs [food|to eat].",
            "[Can|Could|Would] you feed the {pet}[ for me|]?",
            "Give [the|my] {pet} {portions} portions[ please| of food|].",
            "[Please|Go ahead and|I need you to|I want you "
            "to|Let's] [feed|give food to] [my|the] {pet}.",
        ),
        params=(
            Param(
                "pet",
                aka=("animal", "which"),
                about=("Which pet",),
                enum=("cat", "dog", "rabbit", "hamster", "parrot", "fish"),
            ),
            Param(
                "portions",
                "small_int",
                aka=("amount", "servings", "count"),
                about=("How many portions",),
                optional=True,
            ),
        ),
        bare=("[Feed my pet|Can you feed the animal][ please|].",),
        gives=(Param("grams", "int"),),
        tells=("Done: the {pet} got {grams} grams.",),
    ),
    Intent(
        names=("book_vet", "vetAppointment", "animal_doctor"),
        about=(
            "Book an appointment for a pet at the vet.",
            "Makes a visit at the animal doctor on a date.",
        ),
        asks=(
            "[Book|Make] [an appointment at the vet|a vet "
            "visit] for [my|our] {pet} on {date}[ please|].",
            "[My|Our] {pet} [is sick|needs its shots|is limping]. [Get|Find] us a vet on {date}.",
            "[I want|I need] to take [my|the] {pet} to the vet on {date}.",
            "vet {pet} {date}",
            "[Can|Could] the vet see [my|our] {pet} on {date}?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [book|make] "
            "[an appointment at the vet|a vet visit] for [my|our] {pet} on {date}.",
        ),
        params=(
            Param(
                "pet",
                aka=("animal", "patient"),
                about=("Which animal",),
                enum=("cat", "dog", "rabbit", "hamster", "parrot", "horse"),
            ),
            Param("date", "date", aka=("day", "on"), about=("Day of the visit",)),
        ),
        bare=("[Book|Make] an appointment at the vet[ please|].",),
        gives=(Param("at", "time"),),
        tells=("Done: the vet sees your {pet} on {date} at {at}.",),
    ),
    Intent(
        names=("water_plants", "plantWatering", "water_the_plants"),
        about=("Water the plants in a room or place.", "Starts the watering of the plants."),
        asks=(
            "[Water|Give water to] the plants in the {room}[ please| now|].",
            "[Can|Could|Would] you water [the|my] [plants|flowers] in the {room}?",
            "[The|My] [flowers|plants] in the {room} [look dry|are thirsty|need water].",
            "[I'm away this week|I forgot again]: start the watering in the {room}.",
            "Water the plants in the {room} for {duration}.",
        ),
        params=(
            Param(
                "room", "room", aka=("place", "where", "location"), about=("Where the plants are",)
            ),
            Param(
                "duration",
                "duration",
                aka=("time", "how_long"),
                about=("How long to water",),
                optional=True,
            ),
        ),
        bare=("[Water the plants|The plants need water][ please|].",),
        gives=(Param("liters", "small_int"),),
        tells=("Done: the plants in the {room} got {liters} liters.",),
    ),
    Intent(
        names=("plant_care", "plantInfo", "gardening_tips", "when_to_plant"),
        about=(
            "Get when to plant something in the garden.",
            "Tells the best month to sow a plant.",
        ),
        asks=(
            "When [should|can|do] I [plant|sow] {plant}[ in the garden|]?",
            "[What is|What's] the best [time|month] to [plant|sow] {plant}?",
            "[I have a new garden|I bought seeds]. When do {plant} go into the ground?",
            "[Can|Should] I [put|sow] {plant} [outside |out ]already?",
            "[Give me|I need] gardening [tips|advice] [for|on] {plant}[ please|].",
        ),
        params=(
            Param(
                "plant",
                aka=("crop", "species", "flower"),
                about=("What to plant",),
                enum=("tomatoes", "carrots", "beans", "roses", "tulips", "onions", "potatoes"),
            ),
        ),
        bare=("[When should I plant that|Give me gardening tips]?",),
        gives=(Param("month", enum=("march", "april", "may", "june", "october")),),
        tells=("[Plant|Sow] {plant} in {month}.", "The best month for {plant} is {month}."),
    ),
    Intent(
        names=("farm_field_status", "fieldStatus", "crop_report"),
        about=(
            "Get the state of a field on the farm.",
            "Reports soil moisture and growth of a crop in a field.",
        ),
        asks=(
            "How is [the |]{crop} in field {field}[ doing|]?",
            "[Show|Give me] the [status|report|state] of "
            "field {field} with [the |]{crop}[ please|].",
            "Is the {crop} in field {field} [dry|thirsty|ready for harvest]?",
            "[Can we harvest|Should we water] the {crop} in field {field}[ soon| today|]?",
            "[I'm on the tractor|I'm driving out]. [How is|What about] field {field}, the {crop}?",
            "[Please|I need you to|I want you to] [show|give me] the "
            "[status|report|state] of field {field} with [the |]{crop}.",
        ),
        params=(
            Param(
                "field",
                "small_int",
                aka=("field_number", "plot", "id"),
                about=("Number of the field",),
            ),
            Param(
                "crop",
                aka=("plant", "what"),
                about=("What grows there",),
                enum=("wheat", "corn", "rye", "barley", "clover"),
            ),
        ),
        bare=("[How is the field|Show me the field status]?",),
        gives=(Param("moisture", "percent"),),
        tells=("Field {field} with {crop} has {moisture} percent moisture.",),
    ),
    Intent(
        names=("museum_hours", "museumInfo", "museum_opening", "find_museum"),
        about=(
            "Get the opening hours of a museum in a city.",
            "Finds a museum and what a ticket costs.",
        ),
        asks=(
            "When [does|will] the {kind} museum in {city} open?",
            "What are the [opening |visiting |]hours of the {kind} museum in {city}[ please|]?",
            "[Is there|Find me] a {kind} museum in {city}?",
            "[It's raining and we're bored|We have a free "
            "day] in {city}. [Can we see|Show us] some {kind}?",
            "{kind} museum {city}",
            "[Check|Look up|Find] the {kind} museum in {city}[ please|].",
            "[Can|Could|Would] you [tell me|find out] when the {kind} museum in {city} opens?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[check|look up|find] the {kind} museum in {city}.",
        ),
        params=(
            Param(
                "kind",
                aka=("type", "theme", "subject"),
                about=("Kind of museum",),
                enum=("history", "science", "toy", "railway", "music"),
            ),
            Param(
                "city", "city", aka=("where", "place", "location"), about=("City of the museum",)
            ),
        ),
        bare=("[When does the museum open|Find a museum]?",),
        gives=(Param("opens", "time"), Param("ticket", "amount")),
        tells=(
            "The {kind} museum in {city} opens at {opens}.",
            "It opens at {opens}, a ticket costs {ticket}.",
        ),
    ),
    Intent(
        names=("concert_tickets", "buyConcertTickets", "book_concert", "get_tickets"),
        about=("Buy tickets for a concert in a city.", "Books seats at a concert on a date."),
        asks=(
            "[Buy|Book|Get] {count} [tickets|seats] for the concert in {city} on {date}[ please|].",
            "[I want|I'd like|We want] {count} concert tickets in {city} on {date}.",
            "[We love music|My friends visit]. {count} of "
            "us want to hear the band in {city} on {date}.",
            "[Can|Could|Would] you get [us |me ]{count} tickets for the show in {city} on {date}?",
            "concert {city} {date}, {count} tickets",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [buy|book|get] "
            "{count} [tickets|seats] for the concert in {city} on {date}.",
        ),
        params=(
            Param(
                "count",
                "small_int",
                aka=("tickets", "seats", "number"),
                about=("How many tickets",),
            ),
            Param("city", "city", aka=("where", "place"), about=("City of the concert",)),
            Param("date", "date", aka=("day", "on", "when"), about=("Date of the concert",)),
        ),
        bare=("[Buy|Book|Get me] concert tickets[ please|].",),
        gives=(Param("booking", "code"),),
        tells=("Done: {count} tickets for {city} on {date}, booking {booking}.",),
    ),
    Intent(
        names=("theatre_program", "whatsOnTheatre", "plays_tonight", "theatre_listing"),
        about=("Get what plays at the theatre in a city on a day.", "Shows the theatre program."),
        asks=(
            "What [plays|is on] at the theatre in {city} {day}?",
            "[Show|Give me] the theatre program [of|for] {city} {day}[ please|].",
            "[Which|What] [play|drama|comedy] can [we|I] see in {city} {day}?",
            "[I love the stage|My parents are visiting]. "
            "[Anything|Something] to watch in {city} {day}?",
            "theatre {city} {day}",
            "[Can|Could|Would|Will] you [please |][show|give "
            "me] the theatre program [of|for] {city} {day}?",
        ),
        params=(
            Param(
                "city", "city", aka=("where", "place", "location"), about=("City of the theatre",)
            ),
            Param("day", "day", aka=("date", "on", "when"), about=("Day of the show",)),
        ),
        bare=("[What's on at the theatre|Show me the theatre program]?",),
        gives=(Param("play", "title"), Param("begins", "time")),
        tells=(
            "{play} is on in {city} at {begins}.",
            "[You can see|They show] {play} at {begins}.",
        ),
    ),
    Intent(
        names=("book_court", "reserveCourt", "sports_court", "book_sports_court"),
        about=(
            "Book a court for a sport on a day at a time.",
            "Reserves a tennis, squash or other court.",
        ),
        asks=(
            "[Book|Reserve] a {sport} court {day} at {time}[ please|].",
            "[I want|We want|I'd like] to play {sport} {day} at {time}.[ Book a court.|]",
            "[Can|Could|Would] you [get|find] us a place to play {sport} {day} at {time}?",
            "[My friend challenged me|I need to move "
            "more]: {sport} {day} at {time}.[ Reserve it.|]",
            "{sport} court {day} {time}",
            "[Please|Go ahead and|I need you to|I want you "
            "to|Let's] [book|reserve] a {sport} court {day} at {time}.",
        ),
        params=(
            Param(
                "sport",
                aka=("game", "kind"),
                about=("The sport",),
                enum=("tennis", "squash", "badminton", "basketball", "volleyball"),
            ),
            Param("day", "day", aka=("date", "on"), about=("Day to play",)),
            Param("time", "time", aka=("at", "start"), about=("Time to play",)),
        ),
        bare=("[Book|Reserve] a court[ please|].",),
        gives=(Param("court", "small_int"),),
        tells=("Done: court {court} for {sport} {day} at {time}.",),
    ),
    Intent(
        names=("get_grades", "studentGrades", "school_grades", "show_marks"),
        about=("Get the school grade of a student in a subject.", "Shows the marks of a pupil."),
        asks=(
            "[What|Which] [grade|mark] does {student} have in {subject}?",
            "[Show|Give] me [the |]{subject} [grade|marks] of {student}[ please|].",
            "How [good|bad] is {student} [in|at] {subject}[ at school|]?",
            "[I'm meeting the teacher|The report card came]. "
            "[How did|What did] {student} [do|get] in {subject}?",
            "grades {student} {subject}",
            "[Can|Could|Would|Will] you [please |][show|give] "
            "me [the |]{subject} [grade|marks] of {student}?",
        ),
        params=(
            Param(
                "student",
                "first_name",
                aka=("pupil", "child", "name"),
                about=("Name of the student",),
            ),
            Param(
                "subject",
                aka=("course", "class"),
                about=("School subject",),
                enum=("math", "history", "biology", "music", "english", "physics", "art"),
            ),
        ),
        bare=("[Show me the grades|What grade did they get]?",),
        gives=(Param("grade", "small_int"),),
        tells=("{student} has the grade {grade} in {subject}.",),
    ),
    Intent(
        names=("get_homework", "homeworkFor", "list_homework"),
        about=(
            "Get the homework in a school subject.",
            "Lists what pupils must do for the next lesson.",
        ),
        asks=(
            "[What|Which] homework [do we have|is there|do I have] in {subject}?",
            "[Show|Tell] me [the|my] {subject} homework[ please|].",
            "What [do I have|do we have|must I do] for {subject} [tomorrow|next time|this week]?",
            "[I was sick|I wasn't at school]. [What did I miss|What must I do] in {subject}?",
            "homework {subject}",
            "[Can|Could|Would|Will] you [please |][show|tell] me [the|my] {subject} homework?",
        ),
        params=(
            Param(
                "subject",
                aka=("course", "class", "lesson"),
                about=("School subject",),
                enum=("math", "history", "biology", "music", "english", "physics", "art"),
            ),
        ),
        bare=("[What's my homework|Do I have homework]?",),
        gives=(Param("task", "text"), Param("due", "day")),
        tells=("Homework for {due}: {task}", "In {subject}: {task}"),
    ),
    Intent(
        names=("get_timetable", "classSchedule", "school_timetable", "lessons_on"),
        about=("Get the timetable of a school class on a day.", "Shows which lessons there are."),
        asks=(
            "[What is|What's] the timetable [for|of] {day}?",
            "[What|Which] [lessons|classes] [do I have|are there] {day}?",
            "When does school [start|begin] {day}?",
            "[I'm packing my bag|I can't find my plan]. "
            "[What do we have|Which subjects are] {day}?",
            "timetable {day}",
            "[Show|Give|Read] me [the|my] [school |class |]timetable [for|of] {day}[ please|].",
            "[Can|Could|Would|Will] you [please |][show|give|read] "
            "me [the|my] [school |class |]timetable [for|of] {day}?",
        ),
        params=(Param("day", "day", aka=("date", "on", "weekday"), about=("The day",)),),
        bare=("[What's my timetable|Which lessons do I have]?",),
        gives=(
            Param("first_lesson", enum=("math", "history", "biology", "music", "english")),
            Param("starts", "time"),
        ),
        tells=("[The first lesson is|You start with] {first_lesson} at {starts}.",),
    ),
    Intent(
        names=("enroll_course", "joinCourse", "sign_up_for_course", "register_course"),
        about=("Enroll in a course about a topic.", "Signs a learner up for a class."),
        asks=(
            "[Enroll|Register] me for [the|a] [new |]course [on|about] {topic}[ please|].",
            "[I want|I'd like|I would like] to [take|join|attend] "
            "a [course|class] [on|about] {topic}.",
            "[Is there|Can I join] a [course|class] where [I learn|one learns] {topic}?",
            "[I want to learn something new|I have time "
            "on Mondays]. [Put me in|Get me into] {topic}.",
            "course {topic}",
            "[Can|Could|Would|Will] you [please |][enroll|register] "
            "me for [the|a] [new |]course [on|about] {topic}?",
        ),
        params=(
            Param(
                "topic",
                "topic",
                aka=("subject", "course", "title"),
                about=("What the course is about",),
            ),
        ),
        bare=("[Enroll me in a course|Sign me up for a course][ please|].",),
        gives=(Param("course_code", "code"), Param("begins", "date")),
        tells=("Done: course {course_code} on {topic} starts {begins}.",),
    ),
    Intent(
        names=("loan_book", "borrowBook", "library_loan", "check_out_book"),
        about=(
            "Borrow a book from the library by its title.",
            "Loans a book and says when it is due.",
        ),
        asks=(
            '[Borrow|Loan|Check out] the book "{title}"[ from the library| please|].',
            "[I want|I'd like|I would like] to [borrow|read|loan] '{title}'[ from the library|].",
            "[Does the library have|Can I borrow] {title}?",
            "[I need something to read|For the weekend I "
            'want a book]: "{title}"[ from the library|].',
            "Get me the library book {title}[ please|].",
            '[Can|Could|Would|Will] you [please |][borrow|loan|check out] the book "{title}"?',
        ),
        params=(
            Param(
                "title", "title", aka=("book", "name", "book_title"), about=("Title of the book",)
            ),
        ),
        bare=("[Borrow|Check out] a book [from the library|please].",),
        gives=(Param("due", "date"),),
        tells=("Done: {title} is yours until {due}.", "You can keep {title} until {due}."),
    ),
    Intent(
        names=("renew_book", "renewLoan", "extend_loan"),
        about=(
            "Renew a library loan so that the book is due later.",
            "Extends the time to return a book.",
        ),
        asks=(
            '[Renew|Extend] [the|my] [library |]loan of "{title}"[ please|].',
            "[Can I|Could I|May I] [keep|renew|extend] "
            "'{title}' [a bit longer|for longer|from the library]?",
            "I [haven't finished|need more time for] the [library |]book {title}.",
            "[It must go back today|The book is due]: {title}. [Renew it|Extend it][ please|].",
            'renew "{title}"',
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            '[renew|extend] [the|my] [library |]loan of "{title}".',
        ),
        params=(Param("title", "title", aka=("book", "name"), about=("Title of the book",)),),
        bare=("[Renew my book|Extend my library loan][ please|].",),
        gives=(Param("new_due", "date"),),
        tells=("Done: {title} is due on {new_due} now.",),
    ),
    Intent(
        names=("election_info", "nextElection", "election_date", "when_to_vote"),
        about=(
            "Get the date of the next election in a country.",
            "Tells when people vote and for what.",
        ),
        asks=(
            "When is the next election in {country}?",
            "[Tell me|Show me] [about |]the [next |]election[s|] in {country}[ please|].",
            "When do [people|citizens|they] vote in {country}?",
            "[Who governs next|Will the government change] in "
            "{country}? When [is that decided|do they vote]?",
            "election {country}",
            "[I live|My family lives] in {country}. When can [I|we] cast a ballot?",
            "[Can|Could|Would|Will] you [please |][tell me|show "
            "me] [about |]the [next |]election[s|] in {country}?",
        ),
        params=(
            Param("country", "country", aka=("nation", "where", "state"), about=("The country",)),
        ),
        bare=("When is the [next |]election?",),
        gives=(Param("election_day", "date"),),
        tells=("[The next election in {country} is|{country} votes] on {election_day}.",),
    ),
    Intent(
        names=("search_law", "findLaw", "legal_search", "law_about"),
        about=(
            "Search the laws of a country about a topic.",
            "Finds the legal paragraph on a subject.",
        ),
        asks=(
            "[What|Which] law [is there|applies] [about|on] {topic} in {country}?",
            "[Find|Search|Look up] the law [on|about] {topic} in {country}[ please|].",
            "Is {topic} [legal|allowed|forbidden|permitted] in {country}?",
            "[I don't want trouble|My lawyer is away]. What are the rules on {topic} in {country}?",
            "law {topic} {country}",
            "[Can|Could|Would|Will] you [please |][find|search|look "
            "up] the law [on|about] {topic} in {country}?",
        ),
        params=(
            Param(
                "topic",
                "topic",
                aka=("subject", "query", "about"),
                about=("What the law is about",),
            ),
            Param(
                "country",
                "country",
                aka=("jurisdiction", "nation", "where"),
                about=("Country of the law",),
            ),
        ),
        bare=("[Search the law|Which law applies]?",),
        gives=(Param("paragraph", "int"), Param("summary", "text")),
        tells=("Paragraph {paragraph}: {summary}",),
    ),
    Intent(
        names=("search_patents", "findPatent", "patent_search"),
        about=("Search patents about a topic.", "Finds inventions that are protected."),
        asks=(
            "[Search|Find|Look up] patents [about|on|for] {topic}[ please|].",
            "[Is there|Do you find] a patent [on|for] {topic}?",
            "Has [anybody|someone] [invented|patented|protected] {topic}[ already|]?",
            "[I have an invention|I had an idea]: {topic}. [Is it new|Am I the first]?",
            "patents {topic}",
            "[Which|What] patents [were filed|are there] on {topic} since {year}?",
            "[Can|Could|Would|Will] you [please "
            "|][search|find|look up] patents [about|on|for] {topic}?",
        ),
        params=(
            Param(
                "topic",
                "topic",
                aka=("query", "subject", "invention"),
                about=("What the patents are about",),
            ),
            Param(
                "year", "year", aka=("since", "from_year"), about=("Earliest year",), optional=True
            ),
        ),
        bare=("[Search|Find] patents[ please|].",),
        gives=(Param("patent", "code"), Param("owner", "company")),
        tells=(
            "Patent {patent} of {owner} is about {topic}.",
            "[I found|There is] patent {patent} by {owner}.",
        ),
    ),
    Intent(
        names=("element_info", "getElement", "chemical_element", "periodic_table"),
        about=("Get facts on a chemical element.", "Looks up an element in the periodic table."),
        asks=(
            "[What is|What's] the atomic [number|weight] of {element}?",
            "[Tell me about|Look up|Show me] the [chemical |]element {element}[ please|].",
            "Where is {element} in the periodic table?",
            "[I'm learning chemistry|I have a chemistry "
            "test]. [What about|Help me with] {element}?",
            "element {element}",
            "How [heavy|dense] is {element}?",
            "[Can|Could|Would|Will] you [please |][tell me "
            "about|look up|show me] the [chemical |]element {element}?",
        ),
        params=(
            Param(
                "element",
                aka=("name", "symbol", "which"),
                about=("The element",),
                enum=(
                    "iron",
                    "gold",
                    "helium",
                    "carbon",
                    "oxygen",
                    "copper",
                    "neon",
                    "silver",
                    "zinc",
                ),
            ),
        ),
        bare=("[Look up|Tell me about] [a chemical|an] element.",),
        gives=(Param("atomic_number", "int"), Param("mass", "amount")),
        tells=("{element} has atomic number {atomic_number}[ and mass {mass}|].",),
    ),
    Intent(
        names=("physics_constant", "getConstant", "constant_value"),
        about=("Get the value of a physical constant.", "Looks up a constant of nature."),
        asks=(
            "[What is|What's|Tell me] the [value of the |]{constant} constant?",
            "[Look up|Show me|Give me] the {constant} constant[ please|].",
            "[I need|I'm calculating with] the {constant} "
            "constant[. How big is it|, what is its value]?",
            "physics: {constant} constant",
            "How [large|big] is the {constant} constant?",
            "[Can|Could|Would|Will] you [please |][look "
            "up|show me|give me] the {constant} constant?",
        ),
        params=(
            Param(
                "constant",
                aka=("name", "which", "quantity"),
                about=("Which constant",),
                enum=("gravity", "planck", "boltzmann", "light", "electron", "avogadro"),
            ),
        ),
        bare=("[Look up a constant|What's the value of the constant]?",),
        gives=(Param("value", "amount"), Param("measure", "unit")),
        tells=("The {constant} constant is {value} {measure}.",),
    ),
    Intent(
        names=("moon_phase", "getMoonPhase", "phase_of_moon"),
        about=("Get the phase of the moon on a date.", "Tells if the moon is full or new."),
        asks=(
            "[What is|What's] the [moon phase|phase of the moon] on {date}?",
            "Is [there|it] [a full moon|a new moon] on {date}?",
            "[Show|Tell] me the moon [phase |]on {date}[ please|].",
            "[I sleep badly|We watch the stars]. [How bright|How dark] is the night of {date}?",
            "moon {date}",
            "[Can|Could|Would|Will] you [please |][show|tell] me the moon [phase |]on {date}?",
        ),
        params=(Param("date", "date", aka=("day", "on", "night"), about=("The date",)),),
        bare=("What's the [moon phase|phase of the moon]?",),
        gives=(Param("phase", enum=("full", "new", "waxing", "waning")),),
        tells=("[On {date} the moon is|The moon is] {phase}.",),
    ),
    Intent(
        names=("recent_earthquakes", "getEarthquakes", "quake_info", "earthquake_report"),
        about=("Get the latest earthquake in a country.", "Reports how strong the ground shook."),
        asks=(
            "[Was there|Has there been] an earthquake in {country}[ lately| today|]?",
            "[Show|Tell] me the [latest|last|strongest] earthquake in {country}[ please|].",
            "Did the [ground|earth] [shake|move|tremble] in {country}[ recently|]?",
            "[My sister felt a shock|The lamps were swinging] in {country}. What was that?",
            "earthquakes {country}",
            "Were there [any |]earthquakes in {country} stronger than {minimum}?",
            "[Can|Could|Would|Will] you [please |][show|tell] me "
            "the [latest|last|strongest] earthquake in {country}?",
        ),
        params=(
            Param("country", "country", aka=("region", "where", "area"), about=("The country",)),
            Param(
                "minimum",
                "small_int",
                aka=("min_magnitude", "stronger_than", "magnitude"),
                about=("Smallest strength to report",),
                optional=True,
            ),
        ),
        bare=("[Was there an earthquake|Show me the latest earthquake]?",),
        gives=(Param("strength", "amount"), Param("near", "city")),
        tells=("[The last|The latest] earthquake was near {near} with strength {strength}.",),
    ),
    Intent(
        names=("get_tides", "tideTimes", "high_tide", "tide_table"),
        about=(
            "Get the time of high or low tide in a city by the sea.",
            "Looks up the tide table of a harbor.",
        ),
        asks=(
            "When is {tide} tide in {city}?",
            "[Tell|Show] me the time of {tide} tide in {city}[ please|].",
            "[What time|When] does the water reach {tide} tide in {city}?",
            "[We want to walk on the beach|I'm taking the boat out] in {city}. When is it {tide}?",
            "{tide} tide {city}",
            "[Can|Could|Would|Will] you [please |][tell|show] "
            "me the time of {tide} tide in {city}?",
        ),
        params=(
            Param("city", "city", aka=("harbor", "place", "location"), about=("City by the sea",)),
            Param(
                "tide",
                aka=("kind", "level", "which"),
                about=("High or low water",),
                enum=("high", "low"),
            ),
        ),
        bare=("When is the [next |]tide?",),
        gives=(Param("at", "time"), Param("meters", "amount")),
        tells=(
            "[The {tide} tide in {city} is|It is] at {at}.",
            "In {city} it is {tide} at {at}, {meters} meters.",
        ),
    ),
    Intent(
        names=("volcano_alert", "volcanoStatus", "check_volcano"),
        about=(
            "Get the alert level of the volcanoes in a country.",
            "Tells if a volcano is active.",
        ),
        asks=(
            "[Is there an active volcano|Are any volcanoes active] in {country}?",
            "[What is|What's] the volcano alert [level |]in {country}?",
            "[Check|Show me] the volcanoes [in|of] {country}[ please|].",
            "[Is there a danger of|Do they expect] [lava|an eruption] in {country}?",
            "[I see ash on the news|We want to hike a crater]. "
            "[How safe is it|What is the risk] in {country}?",
            "[Can|Could|Would|Will] you [please |][check|show me] the volcanoes [in|of] {country}?",
        ),
        params=(
            Param("country", "country", aka=("where", "region", "place"), about=("The country",)),
        ),
        bare=("[What is the volcano alert|Is the volcano active]?",),
        gives=(Param("alert", enum=("green", "yellow", "orange", "red")),),
        tells=("The volcano alert [for|in] {country} is {alert}.",),
    ),
    Intent(
        names=("airport_info", "getAirport", "airport_delays", "airport_status"),
        about=(
            "Get the delays and the weather at an airport.",
            "Tells whether flights leave on time.",
        ),
        asks=(
            "[Are there|What are the] delays at [the airport |]{airport}[ now| today|]?",
            "[Show|Give] me the [status|state] of [the |]airport {airport}[ please|].",
            "[How busy|How late] is [the |]airport {airport}[ today|]?",
            "[I'm in a taxi|I'm about to leave home] to "
            "{airport}. Do [flights|planes] leave on time?",
            "airport {airport}",
            "[Can|Could|Would|Will] you [please |][show|give] "
            "me the [status|state] of [the |]airport {airport}?",
        ),
        params=(
            Param(
                "airport",
                "airport",
                aka=("code", "iata", "airport_code"),
                about=("Code of the airport",),
            ),
        ),
        bare=("[Are there delays at the airport|What's the airport status]?",),
        gives=(Param("delay", "duration"),),
        tells=(
            "[Flights|Planes] at {airport} are {delay} late.",
            "The delay at {airport} is {delay}.",
        ),
    ),
    Intent(
        names=("terminal_map", "findGate", "gate_location"),
        about=(
            "Find the way to a gate at an airport.",
            "Tells how far it is to walk in the terminal.",
        ),
        asks=(
            "[Where is|How do I get to|Find] gate {gate} at {airport}?",
            "[Show|Tell] me the way to gate {gate} [in|at] {airport}[ please|].",
            "[How far|How long] is the walk to [gate |]{gate} at {airport}?",
            "[I'm late|I'm lost]! I'm at {airport} and [need|look for] {gate}.",
            "[Can|Could|Would|Will] you [please |][show|tell] "
            "me the way to gate {gate} [in|at] {airport}?",
        ),
        params=(
            Param(
                "airport", "airport", aka=("code", "where", "at"), about=("Code of the airport",)
            ),
            Param("gate", "code", aka=("to", "destination", "gate_number"), about=("The gate",)),
        ),
        bare=("Where is [my|the] gate?",),
        gives=(Param("walk", "duration"), Param("level", "small_int")),
        tells=("Gate {gate} is on level {level}, {walk} to walk.",),
    ),
    Intent(
        names=("track_ship", "shipPosition", "find_vessel", "vessel_location"),
        about=(
            "Get the position of a ship by its name.",
            "Tracks a vessel at sea and the port it sails to.",
        ),
        asks=(
            'Where is the [ship|vessel|ferry] "{ship}"[ now|]?',
            "[Track|Find|Follow] the [ship|vessel] {ship}[ please|].",
            "[Which|What] port [does|will] the [ship|boat] '{ship}' [sail to|reach next]?",
            "[My cousin is a sailor|Our goods are at sea] on the {ship}. Where [is it|are they]?",
            "ship {ship}",
            "[Can|Could|Would|Will] you [please |][track|find|follow] the [ship|vessel] {ship}?",
        ),
        params=(
            Param(
                "ship", "title", aka=("vessel", "name", "ship_name"), about=("Name of the ship",)
            ),
        ),
        bare=("[Where is the ship|Track a ship]?",),
        gives=(Param("next_port", "city"), Param("knots", "small_int")),
        tells=("The {ship} sails to {next_port} at {knots} knots.",),
    ),
    Intent(
        names=("next_bus", "busTimes", "bus_departure", "when_is_bus"),
        about=(
            "Get when the next bus of a line leaves to a place.",
            "Shows the departure of buses.",
        ),
        asks=(
            "When [does|is] the next bus {line} to {place}[ leave|]?",
            "[Show|Tell] me the [departure|time] of bus {line} to {place}[ please|].",
            "How long [must I|do I] wait for [bus |the ]{line} to {place}?",
            "[I'm at the stop|It's cold out here]. When does "
            "[number |line ]{line} to {place} [come|arrive]?",
            "bus {line} {place}",
            "[Can|Could|Would|Will] you [please |][show|tell] "
            "me the [departure|time] of bus {line} to {place}?",
        ),
        params=(
            Param("line", "int", aka=("bus", "number", "route"), about=("Number of the bus line",)),
            Param(
                "place", "city", aka=("to", "destination", "toward"), about=("Where the bus goes",)
            ),
        ),
        bare=("When is the next bus?",),
        gives=(Param("leaves", "time"),),
        tells=("Bus {line} to {place} leaves at {leaves}.",),
    ),
    Intent(
        names=("find_bike", "rentBike", "bike_sharing", "nearest_bike"),
        about=("Find a free bike to rent in a city.", "Shows bike sharing stations with bikes."),
        asks=(
            "[Find|Show|Get] me a [shared |free |rental ]bike in {city}[ please|].",
            "Where can I [rent|get|find] a bike in {city}?",
            "[Are there|Do they have] [shared|rental] bikes in {city}?",
            "[I don't like buses|The sun is out]. I want to cycle through {city}[ today|].",
            "bike sharing {city}",
            "[Can|Could|Would|Will] you [please |][find|show|get] "
            "me a [shared |free |rental ]bike in {city}?",
        ),
        params=(Param("city", "city", aka=("where", "place", "location"), about=("The city",)),),
        bare=("[Find me a bike|Where can I rent a bike]?",),
        gives=(Param("station", "code"), Param("free", "small_int")),
        tells=("Station {station} in {city} has {free} free bikes.",),
    ),
    Intent(
        names=("find_charger", "chargingStation", "ev_charger", "nearest_charging_station"),
        about=(
            "Find a charging station for an electric car.",
            "Shows where to charge near a city.",
        ),
        asks=(
            "[Find|Show me|Search] [a|the nearest] charging station [in|near] {city}[ please|].",
            "Where can I charge [my|the] [car|electric car] [in|near] {city}?",
            "[My battery is low|I have only ten percent left] and I'm [near|in] {city}[. Help|].",
            "[Is there a charger|Are there chargers|Are there charging stations] [in|near] {city}?",
            "Find a {power} charging station near {city}.",
            "[Can|Could|Would|Will] you [please |][find|show me|search] "
            "[a|the nearest] charging station [in|near] {city}?",
        ),
        params=(
            Param("city", "city", aka=("near", "where", "location"), about=("City to look near",)),
            Param(
                "power",
                aka=("speed", "kind", "charger_type"),
                about=("How fast it charges",),
                enum=("slow", "fast", "rapid"),
                optional=True,
            ),
        ),
        bare=("[Find a charging station|Where can I charge my car]?",),
        gives=(Param("street", "title"), Param("free_plugs", "small_int")),
        tells=("[There is|I found] a charging station at {street} with {free_plugs} free plugs.",),
    ),
    Intent(
        names=("fuel_price", "getFuelPrice", "gas_price", "petrol_price"),
        about=("Get the fuel price in a city.", "Finds what petrol or diesel costs."),
        asks=(
            "[What is|What's] the price of {fuel} in {city}?",
            "How [much|expensive] is {fuel} in {city}[ today|]?",
            "[Where|At which station] is {fuel} cheap in {city}?",
            "[The tank is empty|I must fill up] and I'm in {city}. What does {fuel} cost?",
            "fuel price {fuel} {city}",
            "[Show|Tell|Give] me the [current |latest |]{fuel} price [in|for] {city}[ please|].",
            "[Can|Could|Would] you [check|find out] what {fuel} costs in {city}[ today| now|]?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[show|tell|give] me the [current |latest |]{fuel} price [in|for] {city}.",
        ),
        params=(
            Param(
                "fuel",
                aka=("kind", "type", "fuel_type"),
                about=("Kind of fuel",),
                enum=("diesel", "petrol", "gas", "ethanol"),
            ),
            Param("city", "city", aka=("where", "place", "location"), about=("The city",)),
        ),
        bare=("[What's the fuel price|How much is fuel today]?",),
        gives=(Param("per_liter", "amount"),),
        tells=("{fuel} costs {per_liter} a liter in {city}.",),
    ),
    Intent(
        names=("road_toll", "getToll", "toll_cost", "calculate_toll"),
        about=(
            "Calculate the toll for a drive between two cities.",
            "Tells what the motorway costs for a vehicle.",
        ),
        asks=(
            "How much [toll do I pay|is the toll] from {start} to {end}?",
            "[Calculate|Check|Tell me] the toll [from {start} "
            "to {end}|between {start} and {end}][ please|].",
            "Must I pay [for the road|on the motorway] from {start} to {end}?",
            "What is the toll for a {vehicle} from {start} to {end}?",
            "toll {start} {end}",
            "[Can|Could|Would|Will] you [please |][calculate|check|tell "
            "me] the toll [from {start} to {end}|between {start} and {end}]?",
        ),
        params=(
            Param("start", "city", aka=("from", "origin"), about=("Where the drive starts",)),
            Param("end", "city", aka=("to", "destination"), about=("Where the drive ends",)),
            Param(
                "vehicle",
                aka=("kind", "type"),
                about=("Kind of vehicle",),
                enum=("car", "truck", "van", "motorbike"),
                optional=True,
            ),
        ),
        bare=("[How much is the toll|Calculate the toll]?",),
        gives=(Param("toll", "amount"),),
        tells=("The toll from {start} to {end} is {toll}.",),
    ),
    Intent(
        names=("plan_transit", "publicTransport", "transit_route", "find_connection"),
        about=(
            "Plan a trip by public transport between two cities.",
            "Finds a connection by train, bus or tram.",
        ),
        asks=(
            "How do I get from {start} to {end} by [public transport|train and bus]?",
            "[Find|Plan|Show] a [connection|public "
            "transport trip] from {start} to {end}[ please|].",
            "[I have no car|I don't drive]. How [can I|do I] [travel|come] from {start} to {end}?",
            "[When does|When will] the next connection go from {start} to {end}?",
            "connection {start} {end}",
            "[Can|Could|Would|Will] you [please |][find|plan|show] a "
            "[connection|public transport trip] from {start} to {end}?",
        ),
        params=(
            Param(
                "start",
                "city",
                aka=("from", "origin", "departure"),
                about=("Where the trip starts",),
            ),
            Param(
                "end",
                "city",
                aka=("to", "destination", "arrival_city"),
                about=("Where the trip ends",),
            ),
        ),
        bare=("[Find a connection|Plan a trip by public transport][ please|].",),
        gives=(Param("leaves", "time"), Param("changes", "small_int")),
        tells=("Leave {start} at {leaves}, with {changes} changes.",),
    ),
    Intent(
        names=("search_homes", "findHome", "real_estate_search", "apartment_search"),
        about=(
            "Search homes to rent or buy in a city.",
            "Finds flats and houses on the real estate market.",
        ),
        asks=(
            "[Find|Search|Show] [a flat|an apartment|a house|homes] in {city} to {deal}[ please|].",
            "[I want|We want|I'd like] to {deal} a [flat|house|home] in {city}.",
            "[We're moving|I got a new job]: [I need|find "
            "me] a place to live in {city}, to {deal}.",
            "[What|Which] [flats|houses|homes] are there to {deal} in {city}?",
            "real estate {city} {deal}",
            "[Can|Could|Would|Will] you [please |][find|search|show] "
            "[a flat|an apartment|a house|homes] in {city} to {deal}?",
        ),
        params=(
            Param("city", "city", aka=("where", "place", "location"), about=("City of the home",)),
            Param(
                "deal",
                aka=("mode", "offer", "purpose"),
                about=("Rent or buy",),
                enum=("rent", "buy"),
            ),
        ),
        bare=("[Find me a flat|Search a house][ please|].",),
        gives=(Param("listing", "code"), Param("asking_price", "amount")),
        tells=("[I found|There is] {listing} in {city} for {asking_price}.",),
    ),
    Intent(
        names=("search_jobs", "findJob", "job_search", "open_positions"),
        about=(
            "Search open jobs for a profession in a city.",
            "Finds positions where people are hired.",
        ),
        asks=(
            "[Show me|Look up] [open |]jobs for a {job} in {city}[ please|].",
            "[Is there work|Are there jobs|Is there a job] for a {job} in {city}?",
            "I'm a {job}[ and need work|]. [Who is hiring|Where can I apply] in {city}?",
            "[I lost my position|I want a change]. Look for {job} openings in {city}.",
            "jobs {job} {city}",
            "[Can|Could|Would|Will] you [please |][show "
            "me|look up] [open |]jobs for a {job} in {city}?",
        ),
        params=(
            Param(
                "job",
                aka=("profession", "role", "position"),
                about=("The profession",),
                enum=("teacher", "nurse", "cook", "driver", "welder", "baker", "lawyer", "plumber"),
            ),
            Param("city", "city", aka=("where", "place", "location"), about=("Where to work",)),
        ),
        bare=("[Find me a job|Search for jobs][ please|].",),
        gives=(Param("employer", "company"), Param("salary", "amount")),
        tells=(
            "{employer} in {city} needs a {job}.",
            "[I found|There is] a job at {employer}, {salary} a month.",
        ),
    ),
    Intent(
        names=("wine_age", "dateWine", "drink_wine_when", "wine_vintage"),
        about=("Tell when a wine of a year is best to drink.", "Rates the vintage of a wine."),
        asks=(
            "[Is|Was] {year} a good year for {wine} wine?",
            "[When|How long] [can|should] I drink a {wine} wine [of|from] {year}?",
            "[Rate|Check] the vintage {year} of [a |]{wine} wine[ please|].",
            "[I found a dusty bottle|My uncle left me a "
            "bottle]: {wine}, {year}. [Still good|Can I open it]?",
            "wine {wine} {year}",
            "[Can|Could|Would|Will] you [please |][rate|check] "
            "the vintage {year} of [a |]{wine} wine?",
        ),
        params=(
            Param(
                "wine",
                aka=("kind", "type", "style"),
                about=("Kind of wine",),
                enum=("red", "white", "rose", "sparkling", "sweet"),
            ),
            Param("year", "year", aka=("vintage", "from_year"), about=("Year of the wine",)),
        ),
        bare=("[Is this a good wine|Rate my wine]?",),
        gives=(Param("best_until", "year"),),
        tells=("The {wine} wine of {year} is good until {best_until}.",),
    ),
    Intent(
        names=("chess_move", "playMove", "make_chess_move", "move_piece"),
        about=(
            "Play a chess move: a piece to a square.",
            "Moves a piece on the board and answers.",
        ),
        asks=(
            "[Move|Play|Put] my {piece} to {square}[ please|].",
            "[My|The] {piece} [goes|moves] to {square}.[ Your turn.|]",
            "[I play|I'll take] the {piece} to {square}[. What do you do|, and you]?",
            "chess: {piece} {square}",
            "[It's my turn|Let me think]. {piece} to {square}[!|]",
            "[Can|Could|Would|Will] you [please |][move|play|put] my {piece} to {square}?",
        ),
        params=(
            Param(
                "piece",
                aka=("figure", "man", "which"),
                about=("The piece",),
                enum=("king", "queen", "rook", "bishop", "knight", "pawn"),
            ),
            Param(
                "square",
                aka=("to", "target", "field"),
                about=("Where it goes",),
                enum=("a4", "b5", "c3", "d4", "e4", "e5", "f6", "g3", "h7"),
            ),
        ),
        bare=("[Move a chess piece|Play a chess move][ please|].",),
        gives=(Param("reply", enum=("e6", "d5", "c6", "f5", "g6")),),
        tells=("[Done: your|Your] {piece} is on {square}. I answer {reply}.",),
    ),
    Intent(
        names=("save_score", "addPoints", "record_points", "add_score"),
        about=("Add points to the score of a player.", "Keeps the score of a board game."),
        asks=(
            "[Add|Give|Write down] {points} points [for|to] {player}[ please|].",
            "{player} [gets|won|scored|has] {points} points[. Keep score|].",
            "[What a move|Nice round]! {points} [more |]points for {player}.",
            "[Put|Note] {points} on the score of {player}[ please|].",
            "[Can|Could|Would|Will] you [please |][add|give|write "
            "down] {points} points [for|to] {player}?",
            "[Please|Go ahead and|I need you to|I want you "
            "to|Let's] [put|note] {points} on the score of {player}.",
        ),
        params=(
            Param(
                "player",
                "first_name",
                aka=("name", "who", "participant"),
                about=("Who gets the points",),
            ),
            Param("points", "int", aka=("score", "value", "number"), about=("How many points",)),
        ),
        bare=("[Add points|Write down the score][ please|].",),
        gives=(Param("total", "int"),),
        tells=("{player} has {total} points now.", "Done: {points} points for {player}."),
    ),
    Intent(
        names=("check_lottery", "lotteryNumbers", "lottery_result", "lottery_draw"),
        about=("Get the lottery numbers of a date.", "Tells whether a ticket won in the draw."),
        asks=(
            "[What are|What were] the lottery numbers of {date}?",
            "[Check|Look up] the lottery [draw|result] [of|from] {date}[ please|].",
            "Did I win [the lottery |something ]on {date}?",
            "[I have a ticket|Maybe I'm rich]. [What was drawn|Which numbers came] on {date}?",
            "lottery {date}",
            "[Can|Could|Would|Will] you [please |][check|look "
            "up] the lottery [draw|result] [of|from] {date}?",
        ),
        params=(
            Param("date", "date", aka=("draw_date", "day", "on"), about=("Date of the draw",)),
        ),
        bare=("[What are the lottery numbers|Check the lottery]?",),
        gives=(Param("drawn", "number_id"), Param("jackpot", "amount")),
        tells=("[The draw of {date} was|On {date} they drew] {drawn}.",),
    ),
    Intent(
        names=("generate_image", "drawPicture", "create_image", "paint"),
        about=("Generate an image of a topic.", "Draws a picture from a description, in a style."),
        asks=(
            "[Generate|Create|Make|Draw] [an image|a picture] of {topic}[ please|].",
            "[Draw|Paint|Sketch] [me |]{topic}[ for me| please|].",
            "[I need|I want] [a picture|an illustration|an "
            "image] of {topic}[ for my wall| for a card|].",
            "[Can|Could|Would] you show me [what {topic} looks like|how {topic} might look]?",
            "Paint {topic} in {style} style.",
            "{style} picture of {topic}[ please|]",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[generate|create|make|draw] [an image|a picture] of {topic}.",
        ),
        params=(
            Param(
                "topic", "topic", aka=("prompt", "subject", "description"), about=("What to draw",)
            ),
            Param(
                "style",
                aka=("look", "technique"),
                about=("Style of the picture",),
                enum=("comic", "oil", "pencil", "watercolor", "pixel"),
                optional=True,
            ),
        ),
        bare=("[Draw|Generate|Make] [a picture|an image][ please|].",),
        gives=(Param("file", "filename"),),
        tells=("Done: the image of {topic} is {file}.",),
    ),
    Intent(
        names=("summarize_file", "summarizeText", "make_summary", "shorten_document"),
        about=("Summarize a text file.", "Writes a short summary of a document."),
        asks=(
            "[Summarize|Sum up|Shorten] [the file |the text |]{file}[ please|].",
            "[What is|What's] [the file |]{file} about[ in short|]?",
            "[Give me|Write|I need] a [short |]summary of {file}[ please|].",
            "[I have no time|It's too long to read]. [What "
            "does {file} say?|Tell me what {file} says.]",
            "summary {file}",
            "[Can|Could|Would|Will] you [please |][summarize|sum "
            "up|shorten] [the file |the text |]{file}?",
        ),
        params=(
            Param(
                "file",
                "filename",
                aka=("document", "text_file", "source"),
                about=("The file to summarize",),
            ),
        ),
        bare=("[Summarize the text|Make a summary][ please|].",),
        gives=(Param("summary", "text"),),
        tells=("[In short|The summary]: {summary}",),
    ),
    Intent(
        names=("count_words", "wordCount", "number_of_words", "text_length"),
        about=("Count the words in a text.", "Tells how long a text is."),
        asks=(
            '[Count|Tell me] the [number of |]words in "{text}"[ please|].',
            "How many words [are in this|does this have|are there]: {text}",
            "How [long|many words] is this[ text|]: '{text}'",
            "[My essay has a limit|I may write only a few words]. [Count|Check] this: {text}",
            'word count "{text}"',
            "[Can|Could|Would|Will] you [please |][count|tell "
            'me] the [number of |]words in "{text}"?',
        ),
        params=(
            Param("text", "sentence", aka=("content", "input", "passage"), about=("The text",)),
        ),
        bare=("[Count the words|How many words are there]?",),
        gives=(Param("words", "small_int"),),
        tells=("The text has {words} words.", "[There are|I count] {words} words."),
    ),
    Intent(
        names=("analyze_sentiment", "getSentiment", "detect_mood", "text_sentiment"),
        about=("Analyze the sentiment of a text.", "Tells if a message is positive or negative."),
        asks=(
            '[Analyze|Check|Find] the sentiment of "{text}"[ please|].',
            "Is this [message |text |][positive or negative|friendly|angry]: {text}",
            "[Rate|Detect] the [mood|sentiment|tone] of this: '{text}'",
            "[A customer wrote to us|I got this message]: "
            '"{text}". [Are they happy|Is that good or bad]?',
            "sentiment: {text}",
            '[Can|Could|Would|Will] you [please |][analyze|check|find] the sentiment of "{text}"?',
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[rate|detect] the [mood|sentiment|tone] of this: '{text}'",
        ),
        params=(
            Param(
                "text", "sentence", aka=("message", "input", "content"), about=("The text to rate",)
            ),
        ),
        bare=("[Analyze the sentiment|Check the mood of a text][ please|].",),
        gives=(Param("sentiment", enum=("positive", "negative", "neutral")),),
        tells=("The [text|message] is {sentiment}.",),
    ),
    Intent(
        names=("check_spelling", "spellCheck", "find_typos", "proofread"),
        about=("Check the spelling of a text.", "Finds typos and mistakes in a sentence."),
        asks=(
            '[Check|Correct] the spelling of "{text}"[ please|].',
            "[Are there|Do you see] [any |][typos|mistakes|spelling errors] in this: {text}",
            "[Proofread|Spell check] [this|the sentence]: '{text}'",
            "[Did I write this correctly|Is this written right]: {text}",
            "[English is not my first language|My boss "
            'will read it]. [Look at|Check] this: "{text}"',
            '[Can|Could|Would|Will] you [please |][check|correct] the spelling of "{text}"?',
        ),
        params=(
            Param(
                "text",
                "sentence",
                aka=("sentence", "input", "content"),
                about=("The text to check",),
            ),
        ),
        bare=("[Check my spelling|Proofread my text][ please|].",),
        gives=(Param("mistakes", "small_int"),),
        tells=("[I found|There are] {mistakes} mistakes.",),
    ),
    Intent(
        names=("rewrite_text", "rephrase", "change_tone", "reword_text"),
        about=("Rewrite a text in another tone.", "Rephrases a sentence to sound different."),
        asks=(
            '[Rewrite|Rephrase|Reword] "{text}" in a {tone} tone[ please|].',
            "[Make|Can you make] this [sound |]more {tone}: {text}",
            "[Say|Write] this in a {tone} way: '{text}'",
            "[I was too rude|It doesn't sound right]. "
            '[Change|Turn] "{text}" into something {tone}.',
            "{tone} version of this: {text}",
            "[Can|Could|Would|Will] you [please "
            '|][rewrite|rephrase|reword] "{text}" in a {tone} tone?',
        ),
        params=(
            Param(
                "text",
                "sentence",
                aka=("sentence", "input", "content"),
                about=("The text to rewrite",),
            ),
            Param(
                "tone",
                aka=("style", "mood", "manner"),
                about=("How it should sound",),
                enum=("polite", "formal", "casual", "funny", "simple"),
            ),
        ),
        bare=("[Rewrite|Rephrase] my text[ please|].",),
        gives=(Param("rewritten", "text"),),
        tells=("[Here it is|How about this]: {rewritten}",),
    ),
    Intent(
        names=("make_qr_code", "createQrCode", "qr_code", "generate_qr"),
        about=(
            "Make a QR code for a link.",
            "Turns an address into a square code that phones can scan.",
        ),
        asks=(
            "[Make|Create|Generate] a QR code [for|of|from] {url}[ please|].",
            "[I need|I want] {url} as a QR code[ for a poster|].",
            "[Can|Could|Would] you turn {url} into [a QR code|something that phones can scan]?",
            "[We're printing flyers|Guests will scan it]. [Encode|Make a square code of] {url}.",
            "QR {url}",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[make|create|generate] a QR code [for|of|from] {url}.",
        ),
        params=(
            Param(
                "url", "url", aka=("link", "address", "content"), about=("The link in the code",)
            ),
        ),
        bare=("[Make|Create] a QR code[ please|].",),
        gives=(Param("image", "filename"),),
        tells=("Done: the QR code for {url} is {image}.",),
    ),
    Intent(
        names=("generate_password", "newPassword", "random_password", "make_password"),
        about=(
            "Generate a random password with a number of characters.",
            "Makes a strong secret that is hard to guess.",
        ),
        asks=(
            "[Generate|Create|Make] a [password|strong password] "
            "with {length} [characters|letters][ please|].",
            "[I need|Give me] a [new|random|safe] password of {length} characters[ please|].",
            "[I was hacked|I'm opening an account]. "
            "[Make|Invent] a secret of {length} [signs|characters].",
            "password {length}",
            "[Can|Could|Would] you [think of|make up] "
            "{length} characters that nobody [can guess|knows]?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [generate|create|make] "
            "a [password|strong password] with {length} [characters|letters].",
        ),
        params=(
            Param(
                "length",
                "small_int",
                aka=("size", "characters", "chars"),
                about=("Number of characters",),
            ),
        ),
        bare=("[Generate|Make|I need] a password[ please|].",),
        gives=(Param("password", "code"),),
        tells=("Your [new |]password is {password}.", "[Here it is|Keep it safe]: {password}"),
    ),
    Intent(
        names=("scan_barcode", "lookupBarcode", "barcode_info", "product_by_barcode"),
        about=("Look up a product by its barcode.", "Tells which article has the number."),
        asks=(
            "[What|Which] product has the barcode {barcode}?",
            "[Look up|Scan|Check|Find] [the |]barcode {barcode}[ please|].",
            "[I have|There is] a box with [the number|the code] {barcode}. What is [it|inside]?",
            "[The label is torn|The name is missing], "
            "only {barcode} is left. What [is this|was it]?",
            "barcode {barcode}",
            "[Can|Could|Would|Will] you [please |][look "
            "up|scan|check|find] [the |]barcode {barcode}?",
        ),
        params=(
            Param(
                "barcode",
                "number_id",
                aka=("code", "number", "ean"),
                about=("Number of the barcode",),
            ),
        ),
        bare=("[Look up|Scan] a barcode[ please|].",),
        gives=(Param("product", "word"), Param("costs", "amount")),
        tells=("[Barcode {barcode}|That] is {product} for {costs}.",),
    ),
    Intent(
        names=("convert_color", "colorCode", "color_to_hex", "get_color_value"),
        about=(
            "Convert a color into a code for screens or print.",
            "Gives the value of a color in a format.",
        ),
        asks=(
            "[Convert|Turn] [the color |]{color} [to|into] {format}[ please|].",
            "[What is|What's] {color} in {format}?",
            "[Give|Tell] me the {format} [code|value] [of|for] {color}[ please|].",
            "[I'm making a web page|I'm designing a logo]. [I need|Give me] {color} as {format}.",
            "{color} in {format}",
            "[Can|Could|Would|Will] you [please |][convert|turn] "
            "[the color |]{color} [to|into] {format}?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[give|tell] me the {format} [code|value] [of|for] {color}.",
        ),
        params=(
            Param("color", "color", aka=("name", "source", "shade"), about=("The color",)),
            Param(
                "format",
                aka=("to", "target", "code_system"),
                about=("Format of the code",),
                enum=("hex", "rgb", "cmyk", "hsl"),
            ),
        ),
        bare=("[Convert|Turn] a color[ please|].",),
        gives=(Param("value", "code"),),
        tells=("{color} in {format} is {value}.",),
    ),
    Intent(
        names=("get_elevation", "mapElevation", "height_above_sea", "altitude_of"),
        about=("Get the elevation of a place above the sea.", "Tells how high a city lies."),
        asks=(
            "[What is|What's] the elevation of {city}?",
            "How [high|far above the sea] [is|lies] {city}?",
            "[Show|Look up] the [height|altitude|elevation] of {city} [on the map|above the sea].",
            "[I get dizzy in thin air|The sea is rising]. [How is it|What about] in {city}?",
            "elevation {city}",
            "[Can|Could|Would|Will] you [please |][show|look up] the "
            "[height|altitude|elevation] of {city} [on the map|above the sea]?",
        ),
        params=(Param("city", "city", aka=("place", "location", "point"), about=("The place",)),),
        bare=("[What is the elevation|How high is it]?",),
        gives=(Param("meters", "int"),),
        tells=("{city} [is|lies] {meters} meters above the sea.",),
    ),
    Intent(
        names=("track_time", "trackTime", "log_hours", "time_tracking"),
        about=("Track working time on a project.", "Logs how long you worked on something."),
        asks=(
            '[Log|Track|Record|Book] {duration} on [the project |]"{project}"[ please|].',
            "I [worked|spent] {duration} on [the project |]{project}[ today|].[ Log it.|]",
            "[Put|Write] {duration} [on|in] my [timesheet|time sheet] for '{project}'[ please|].",
            "[I'm done for today|Time to go home]: {duration} on {project}.",
            "timesheet {project} {duration}",
            "[Can|Could|Would|Will] you [please |][log|track|record|book] "
            '{duration} on [the project |]"{project}"?',
            "[Please|Go ahead and|I need you to|I want you to|Let's] [put|write] "
            "{duration} [on|in] my [timesheet|time sheet] for '{project}'.",
        ),
        params=(
            Param("project", "title", aka=("task", "name", "on"), about=("Name of the project",)),
            Param(
                "duration",
                "duration",
                aka=("time", "how_long", "spent"),
                about=("How long you worked",),
            ),
        ),
        bare=("[Log|Track] my [working |]time[ please|].",),
        gives=(Param("entry", "number_id"),),
        tells=("Done: {duration} on {project}.", "Logged {duration} as entry {entry}."),
    ),
    Intent(
        names=("print_file", "printDocument", "send_to_printer"),
        about=(
            "Print a file on the printer.",
            "Puts a document on paper, with a number of copies.",
        ),
        asks=(
            "[Print|Print out] [the file |the document |]{file}[ please|].",
            "[Can|Could|Would] you [print|put on paper] {file}[ for me|]?",
            "[I need|I want] {file} on paper[ please|].",
            "[I can't read on a screen|I have to hand it in]: [print|get me] {file}.",
            "Print {copies} copies of {file}.",
            "{copies} x {file} on the printer[ please|]",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[print|print out] [the file |the document |]{file}.",
        ),
        params=(
            Param(
                "file", "filename", aka=("document", "path", "name"), about=("The file to print",)
            ),
            Param(
                "copies",
                "small_int",
                aka=("count", "times", "number"),
                about=("Number of copies",),
                optional=True,
            ),
        ),
        bare=("[Print the file|Print something][ please|].",),
        gives=(Param("job", "number_id"),),
        tells=("Done: {file} is print job {job}.",),
    ),
    Intent(
        names=("printer_status", "checkPrinter", "ink_level", "printer_ink"),
        about=(
            "Get the ink and paper of a printer in a room.",
            "Checks whether the printer works.",
        ),
        asks=(
            "Does the printer in the {room} [work|have ink|have paper]?",
            "[Check|Show me] the [status|ink|paper] of the printer in the {room}[ please|].",
            "How much [ink|toner|paper] is in the {room} printer?",
            "[My page came out blank|Nothing is coming out] "
            "in the {room}. [Is the ink gone|What's wrong]?",
            "printer {room}",
            "[Can|Could|Would|Will] you [please |][check|show me] "
            "the [status|ink|paper] of the printer in the {room}?",
        ),
        params=(
            Param(
                "room", "room", aka=("where", "location", "place"), about=("Where the printer is",)
            ),
        ),
        bare=("[Check the printer|Does the printer work]?",),
        gives=(Param("ink", "percent"),),
        tells=("The printer in the {room} has {ink} percent ink.",),
    ),
    Intent(
        names=("vending_buy", "buySnack", "vending_machine", "dispense"),
        about=(
            "Get a snack or drink from the vending machine.",
            "Dispenses an item after payment.",
        ),
        asks=(
            "[Get|Buy|Give] me [some |]{item} from the vending machine[ please|].",
            "[I want|I'd like|I would like] {item} [from|out of] the [vending |]machine.",
            "[I'm thirsty|I'm hungry|It's a long day]. [Take|Get me|Drop] {item}[ please|].",
            "[Can|Could] the machine [give|sell] me {item}?",
            "vending machine: {item}",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[get|buy|give] me [some |]{item} from the vending machine.",
        ),
        params=(
            Param(
                "item",
                aka=("product", "snack", "selection"),
                about=("What to dispense",),
                enum=("water", "juice", "coffee", "tea", "chocolate", "chips", "gum"),
            ),
        ),
        bare=("[Buy something from the vending machine|Get me a snack][ please|].",),
        gives=(Param("price", "amount"),),
        tells=("Done: {item} for {price}.", "Here comes {item}."),
    ),
    Intent(
        names=("robot_move", "moveRobot", "drive_robot", "steer_robot"),
        about=(
            "Move the robot in a direction by a number of steps.",
            "Drives the machine forward or back.",
        ),
        asks=(
            "[Move|Drive|Steer|Send] the robot {direction} [by |]{steps} steps[ please|].",
            "Robot, [go|move] {direction} {steps} steps[ please|].",
            "[Let|Make] the robot [walk|go|roll] {direction} {steps} [steps|units].",
            "[It's in the way|It is stuck]. {steps} steps {direction}[ please|, robot].",
            "robot {direction} {steps}",
            "[Can|Could|Would|Will] you [please |][move|drive|steer|send] "
            "the robot {direction} [by |]{steps} steps?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] [let|make] "
            "the robot [walk|go|roll] {direction} {steps} [steps|units].",
        ),
        params=(
            Param(
                "direction",
                aka=("way", "where", "heading"),
                about=("Where to move",),
                enum=("forward", "backward", "left", "right"),
            ),
            Param("steps", "small_int", aka=("distance", "count", "by"), about=("How many steps",)),
        ),
        bare=("[Move|Drive] the robot[ please|].",),
        gives=(Param("battery", "percent"),),
        tells=("Done: the robot moved {direction} {steps} steps.",),
    ),
    Intent(
        names=("fly_drone", "droneFly", "send_drone", "launch_drone"),
        about=(
            "Fly the drone to a height and take a photo or video.",
            "Launches the drone to make pictures from above.",
        ),
        asks=(
            "[Fly|Launch|Send] the drone [up |]to {height} meters and take a {shot}[ please|].",
            "[Take|Make|I want] a {shot} [with|from] the drone at {height} meters[ please|].",
            "Drone: {height} meters, {shot}",
            "[I want to see our roof|The view is nice]. "
            "[Get me|Take] a {shot} from {height} meters up.",
            "[Can|Could] the drone [make|take] a {shot} from a height of {height} meters?",
            "[Please|Go ahead and|I need you to|I want you to|Let's] "
            "[fly|launch|send] the drone [up |]to {height} meters and take a {shot}.",
        ),
        params=(
            Param(
                "height", "int", aka=("altitude", "meters", "level"), about=("Height in meters",)
            ),
            Param(
                "shot",
                aka=("mode", "capture", "record"),
                about=("What to take",),
                enum=("photo", "video", "panorama"),
            ),
        ),
        bare=("[Fly|Launch] the drone[ please|].",),
        gives=(Param("file", "filename"),),
        tells=("Done: the {shot} from {height} meters is {file}.",),
    ),
    Intent(
        names=("call_elevator", "callLift", "elevator_to", "lift_request"),
        about=("Call the elevator to a floor.", "Sends the lift up or down."),
        asks=(
            "[Call|Send] the [elevator|lift] to [the |][floor|level] {floor}[ please|].",
            "[Take|Bring] me [up |down |]to floor {floor}[ please|].",
            "[I'm|We're] on floor {floor} and need the [elevator|lift].",
            "[My bags are heavy|My knee hurts], I don't want the stairs [from|to] floor {floor}.",
            "elevator {floor}",
            "[Can|Could|Would|Will] you [please |][call|send] "
            "the [elevator|lift] to [the |][floor|level] {floor}?",
            "[Please|Go ahead and|I need you to|I want you "
            "to|Let's] [take|bring] me [up |down |]to floor {floor}.",
        ),
        params=(Param("floor", "small_int", aka=("level", "to", "storey"), about=("The floor",)),),
        bare=("[Call|Send] the [elevator|lift][ please|].",),
        gives=(Param("wait", "duration"),),
        tells=("The elevator to floor {floor} [comes|is here] in {wait}.",),
    ),
    Intent(
        names=("read_meter", "smartMeter", "meter_reading", "power_usage"),
        about=(
            "Read the smart meter for electricity, water or gas.",
            "Tells how much was used on a day.",
        ),
        asks=(
            "How much {kind} did [we|I] use on {date}?",
            "[Read|Check|Show me] the {kind} meter [for|of] {date}[ please|].",
            "[What is|What was] [our|my] {kind} [use|usage|consumption] on {date}?",
            "[The bill is huge|Something is wrong with "
            "the bill]. [Look at|Check] {kind} on {date}.",
            "meter {kind} {date}",
            "[Can|Could|Would|Will] you [please |][read|check|show "
            "me] the {kind} meter [for|of] {date}?",
        ),
        params=(
            Param(
                "kind",
                aka=("meter", "type", "resource"),
                about=("What is measured",),
                enum=("electricity", "water", "gas", "heat"),
            ),
            Param("date", "date", aka=("day", "on", "when"), about=("Day of the reading",)),
        ),
        bare=("[Read the meter|Show me the smart meter][ please|].",),
        gives=(Param("used", "amount"),),
        tells=("[On {date} you used|You used] {used} units of {kind}.",),
    ),
    Intent(
        names=("solar_output", "solarPanels", "solar_production", "panel_power"),
        about=(
            "Get how much power the solar panels made on a date.",
            "Shows the production of the panels on the roof.",
        ),
        asks=(
            "How much [power|energy] did the solar panels [make|produce] on {date}?",
            "[Show|Give] me the solar [output|production] [of|for] {date}[ please|].",
            "[What|How much] did [the|our] [roof|panels] [produce|yield] on {date}?",
            "[It was cloudy|The sun was strong] on {date}. "
            "[What did we make|How much came from the roof]?",
            "solar {date}",
            "[Can|Could|Would|Will] you [please |][show|give] "
            "me the solar [output|production] [of|for] {date}?",
        ),
        params=(Param("date", "date", aka=("day", "on", "when"), about=("The day",)),),
        bare=("[How much do the solar panels make|Show me the solar output]?",),
        gives=(Param("kilowatt_hours", "amount"),),
        tells=("[The panels|On {date} the panels] made {kilowatt_hours} kilowatt hours.",),
    ),
    Intent(
        names=("satellite_pass", "satelliteOver", "next_satellite", "when_satellite_passes"),
        about=(
            "Get when the next satellite passes over a city.",
            "Tells when to see the space station in the sky.",
        ),
        asks=(
            "When does the next satellite [pass|fly] over {city}?",
            "When can I see the [space station|satellite] [from|over|in] {city}?",
            "[Show|Tell] me the next satellite pass over {city}[ please|].",
            "[We have a telescope|The night is clear] in "
            "{city}. [What flies by|Anything up there]?",
            "satellite {city}",
            "[Can|Could|Would|Will] you [please |][show|tell] "
            "me the next satellite pass over {city}?",
        ),
        params=(Param("city", "city", aka=("place", "location", "over"), about=("The city",)),),
        bare=("When [does|will] the [next |]satellite pass?",),
        gives=(Param("at", "time"), Param("minutes", "small_int")),
        tells=("It passes over {city} at {at}[ for {minutes} minutes|].",),
    ),
    Intent(
        names=("read_sensor", "getSensor", "sensor_value", "sensor_reading"),
        about=(
            "Read a sensor in a room.",
            "Gives the value that is measured, such as humidity or noise.",
        ),
        asks=(
            "[What is|What's] the {sensor} in the {room}?",
            "[Read|Check|Show me] the {sensor} sensor in the {room}[ please|].",
            "Is the {sensor} in the {room} [normal|okay|too high]?",
            "[The baby is sleeping|I have a headache] in the "
            "{room}. [How is the {sensor}?|Check the {sensor}.]",
            "{sensor} {room}",
            "[Can|Could|Would|Will] you [please |][read|check|show "
            "me] the {sensor} sensor in the {room}?",
        ),
        params=(
            Param(
                "sensor",
                aka=("kind", "quantity", "sensor_type"),
                about=("What to measure",),
                enum=("humidity", "noise", "light", "pressure", "smoke", "radon"),
            ),
            Param(
                "room", "room", aka=("where", "location", "place"), about=("Where the sensor is",)
            ),
        ),
        bare=("[Read the sensor|What does the sensor say]?",),
        gives=(Param("level", "percent"),),
        tells=("The {sensor} in the {room} is {level} percent.",),
    ),
)
