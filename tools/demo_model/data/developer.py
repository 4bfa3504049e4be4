"""What users ask of tools for software work: coding agents, version control, operations."""

from __future__ import annotations

from tools.demo_model.grammar import Intent, Param

_PATH = Param(
    "path",
    "path",
    ("file_path", "file", "filename"),
    ("The path of the file", "Path to the file, relative to the project"),
)
_FOLDER = Param(
    "folder",
    "folder",
    ("path", "directory", "dir"),
    ("The folder", "Path of the directory"),
)
_NAME = Param(
    "name", "identifier", ("symbol", "identifier"), ("The name in the code", "Which symbol")
)
_SERVICE = Param("service", "word", ("service_name", "app", "name"), ("The name of the service",))
_HOST = Param("host", "host", ("hostname", "server", "target"), ("The host name", "Which server"))
_URL = Param("url", "url", ("link", "address", "uri"), ("The address", "A full URL"))
_BRANCH = Param("branch", "branch", ("branch_name", "name", "ref"), ("The name of the branch",))
_TABLE = Param("table", "word", ("table_name", "name"), ("The name of the table",))
_PACKAGE = Param("package", "pseudo", ("package_name", "name"), ("The name of the package",))
_ENVIRONMENT = Param(
    "environment",
    "word",
    ("env", "stage", "target"),
    ("Where to deploy", "The environment"),
    ("production", "staging", "development"),
)
_STATUS = Param("status", "word", enum=("ok", "done", "success"))
_ISSUE = Param("issue", "number_id", ("issue_number", "number", "issue_id"), ("The issue number",))
_PULL = Param("number", "number_id", ("pr", "pr_number", "pull_number"), ("The number of the PR",))

INTENTS: tuple[Intent, ...] = (
    # A coding agent's own tools.
    Intent(
        names=("Read", "read_file", "view_file", "open_file", "cat_file", "readFile"),
        about=(
            "Read a file and return its content.",
            "Shows the contents of a file in the project.",
            "Open a file from the disk to view it.",
        ),
        asks=(
            "[Read|Open|Show me|View] [the file |]{path}[ please|, please|].",
            "[Can|Could|Will] you [read|open|show me|look into] [the file |]{path}[ please|]?",
            "What [is|does it say|is written] in [the file |]{path}?",
            "I [want|need|would like] to see [the contents of |the code in |]{path}.",
            (
                "[Let's start here.|There may be a bug.|I am new to this.] [Look "
                "at|Read] {path}[ first|]."
            ),
            "[read|cat|view|show] {path}",
            "[Print|Give me|Read] the [start|first part|top] of {path}, {limit} lines[ please|].",
            "[Explain|Summarize|Tell me] what {path} [does|is about|contains][, please|].",
        ),
        params=(
            _PATH,
            Param(
                "limit",
                "int",
                ("max_lines", "line_count"),
                ("How many lines to read",),
                optional=True,
            ),
        ),
        bare=("[Read|Open|Show me] [the|a] file[ please|].", "Can you read a file for me?"),
        gives=(Param("content", "text"),),
        tells=("[The file says|It contains]: {content}", "{path} [says|reads]: {content}"),
    ),
    Intent(
        names=("Write", "write_file", "create_file", "save_file", "writeFile"),
        about=(
            "Write text to a file, replacing what was there.",
            "Create a new file with the given content.",
            "Saves content into a file on the disk.",
        ),
        asks=(
            '[Write|Save|Put] "{content}" [to|into|in] [the file |]{path}[ please|].',
            '[Create|Make] [a|the|a new] file {path} [with the text|that says|with] "{content}".',
            '[Can|Could] you [save|write|store] "{content}" [in|to] {path}[, please|]?',
            (
                "[I need|Make me|Create] a file [at|called|named] {path} with "
                "[this|this text]: {content}"
            ),
            "[write|save] to {path}: {content}",
            "{path} [should|must] [contain|hold|say just] '{content}'.",
            "[Start a file|Fill the file] {path}[ for me|]. [Content|Its text is]: '{content}'",
        ),
        params=(
            _PATH,
            Param(
                "content",
                "sentence",
                ("text", "file_text", "contents"),
                ("The text to write", "What the file will hold"),
            ),
        ),
        bare=("[Write|Save] this to a file.", "[Create|Make] a new file[ please|]."),
        gives=(Param("bytes_written", "int"),),
        tells=(
            "[Done|Saved]: {bytes_written} bytes are in {path}.",
            "I wrote {bytes_written} bytes to {path}.",
        ),
    ),
    Intent(
        names=("Edit", "edit_file", "str_replace", "apply_edit", "replace_in_file"),
        about=(
            "Edit a file: replace one piece of text with another.",
            "Replaces old text by new text in a file.",
            "Make a small change in an existing file.",
        ),
        asks=(
            "[Replace|Swap] {old_string} [with|by|for] {new_string} in [the file |]{path}.",
            "In {path}, [replace|change] {old_string} [with|to] {new_string}[ please|].",
            "[Edit|Fix|Correct] {path}: {old_string} [should be|must become|becomes] {new_string}.",
            (
                "[Can|Could] you [edit|update|change] {path} so [it says|there is] "
                "{new_string} instead of {old_string}?"
            ),
            (
                "There is a [typo|mistake] in {path}. [It says|I wrote] {old_string}, "
                "[but I meant|not] {new_string}."
            ),
            "edit {path} {old_string} -> {new_string}",
            "[Put|Write|Use] {new_string} where {path} [has|says] {old_string}[, please|].",
        ),
        params=(
            Param("path", "path", ("file_path", "file", "filename"), ("The file to edit",)),
            Param(
                "old_string",
                "identifier",
                ("old_text", "old", "old_str", "search"),
                ("The text to replace", "What is there now"),
            ),
            Param(
                "new_string",
                "identifier",
                ("new_text", "new", "new_str", "replacement"),
                ("The text to put there", "What replaces it"),
            ),
        ),
        bare=("[Edit|Change] the file[ please|].",),
        gives=(Param("line", "int"),),
        tells=(
            "[Done|Changed]: line {line} of {path} now has {new_string}.",
            "I [replaced|changed] {old_string} [with|to] {new_string} on line {line}.",
        ),
    ),
    Intent(
        names=("MultiEdit", "multi_edit", "replace_all", "edit_all_places"),
        about=(
            "Replace every occurrence of a text in one file.",
            "Makes many edits in one file at once.",
        ),
        asks=(
            (
                "Replace [all|every|each] {find} [with|by] {replace} [everywhere |]in "
                "{path}[ please|]."
            ),
            "In {path}, [change|replace] all [occurrences of |places with |]{find} to {replace}.",
            "[Can|Could] you [replace|edit|swap] every {find} in {path} [with|for] {replace}?",
            "[replace all|multi edit] {path}: {find} -> {replace}",
            (
                "{path} [is full of|still has many] {find}. [All of them|Every one] "
                "should be {replace}."
            ),
            "I want {replace} [everywhere|at all places] in {path}, [no|not one] {find} any more.",
        ),
        params=(
            _PATH,
            Param("find", "identifier", ("old", "from_text"), ("The text to look for",)),
            Param("replace", "identifier", ("new", "to_text"), ("The text that replaces it",)),
        ),
        bare=("Replace it everywhere[ please|].",),
        gives=(Param("changes", "int"),),
        tells=(
            "[Done|Ready]: {changes} places in {path} now say {replace}.",
            "I made {changes} changes in {path}.",
        ),
    ),
    Intent(
        names=("Bash", "run_command", "execute_shell", "shell", "exec", "runInTerminal"),
        about=(
            "Run a shell command and return its output.",
            "Executes a command in the terminal.",
            "Run a bash command line on this machine.",
        ),
        asks=(
            "[Run|Execute|Start] [the command |this command: |]{command}",
            "[Can|Could|Will] you [run|execute|try] `{command}`[ for me| please|]?",
            "[Show me|Give me] the output of `{command}`.",
            "What is the output of `{command}`?",
            "[In|Use] the [shell|terminal|console][, run|: run|:] {command}",
            "[I need to know what|Tell me what|See what] `{command}` [prints|says|shows][ here|].",
            "$ {command}",
            "[Type|Enter|Do] `{command}` [in the terminal|for me|and tell me what happens].",
        ),
        params=(
            Param(
                "command",
                "command",
                ("cmd", "command_line", "script"),
                ("The command to run", "A shell command"),
            ),
        ),
        bare=("[Run|Execute] a [shell |]command[ for me|].", "Use the terminal[ please|]."),
        gives=(Param("output", "text"), Param("exit_code", "small_int")),
        tells=("[It printed|The output is|Output]: {output}", "{command} [says|printed]: {output}"),
    ),
    Intent(
        names=("BashOutput", "get_output", "read_shell_output", "command_output"),
        about=(
            "Get the output of a shell that runs in the background.",
            "Reads new output of a background job.",
        ),
        asks=(
            "[Show me|Get|Read] the [new |latest |]output of [shell|job|background job] {job}.",
            "What is the [new |latest |]output of [shell|job|background job] {job}?",
            "[Has|Did] [shell|job] {job} [printed|print|said] anything[ new| yet|]?",
            "[Check|Look at] what [shell|background job|job] {job} [prints|has written|says].",
            "[How is|What about] [the background job|the job|shell] {job} [doing|getting on]?",
            "output [of |]{job}",
            (
                "[I started something in the background.|It has been a while.] What "
                "does {job} say[ now|]?"
            ),
        ),
        params=(
            Param(
                "job",
                "code",
                ("shell_id", "bash_id", "job_id"),
                ("The id of the shell", "Which background job"),
            ),
        ),
        bare=("[Show me|What is] the output of the background job?",),
        gives=(Param("output", "text"),),
        tells=("[It says|New output|The job printed]: {output}",),
    ),
    Intent(
        names=("KillShell", "kill_process", "stop_job", "terminate_process"),
        about=(
            "Kill a shell or process that runs in the background.",
            "Stops a running process or job by its id.",
        ),
        asks=(
            (
                "[Kill|Stop|Terminate|End] [the process|process|the shell|shell|job] "
                "{id}[ please| now|]."
            ),
            "[Can|Could] you [kill|stop|terminate] [process|shell|the job] {id}[ for me|]?",
            "[The process|Shell|Job] {id} [hangs|is stuck|never ends]. [Kill it|Stop it|End it].",
            "kill {id}",
            (
                "{id} [eats all the memory|takes all the CPU|runs wild]. [Get rid of "
                "it|Shoot it down]."
            ),
        ),
        params=(
            Param(
                "id",
                "code",
                ("shell_id", "process_id", "pid", "job_id"),
                ("The id of the process to stop", "Which shell to kill"),
            ),
        ),
        bare=("[Kill|Stop] [the|that] [process|job|shell][ please|].",),
        gives=(_STATUS,),
        tells=("Done: {id} [is stopped|was killed|no longer runs].",),
    ),
    Intent(
        names=("Glob", "find_files", "glob_files", "file_search", "list_matching_files"),
        about=(
            "Find files by a part of their name.",
            "Search for files whose name matches.",
        ),
        asks=(
            "[Find|Look for|Search for] [all |the |]files [named|called|with the name] {name}.",
            "Which files [are called|match|have the name] {name}[ in this project|]?",
            "Where is [the file |]{name}[ in the project|]?",
            "[Can|Could] you [find|locate] [the file |a file named |]{name}[ for me|]?",
            "[find|glob|locate] {name}",
            "[Find|Look for] files [named|called] {name} [in|under|below] {folder}.",
            (
                "I [lost|can't find|cannot locate] {name}. [It must be somewhere "
                "here|Do we have it|Help]."
            ),
        ),
        params=(
            Param(
                "name",
                "filename",
                ("pattern", "glob", "query"),
                ("The name or pattern of the files",),
            ),
            Param("folder", "folder", ("dir", "root"), ("Where to look",), optional=True),
        ),
        bare=("[Find|Look for] [some files|a file][ please|].",),
        gives=(Param("found", "path"),),
        tells=("[I found|There is] {found}.", "{name} is [at|here:] {found}."),
    ),
    Intent(
        names=("Grep", "search_code", "grep_files", "codeSearch", "search_in_files"),
        about=(
            "Search the code for a text or pattern.",
            "Finds the lines in files that contain a pattern.",
            "Search through file contents, like grep.",
        ),
        asks=(
            "[Search|Grep|Look] [the code |the source |]for [the word |]{pattern}[ please|].",
            "[Which|What] [files|lines] [contain|mention|have] [the text |]{pattern}?",
            "Where [in the code |in the sources |]do we [use|mention|have] {pattern}?",
            "[Can|Could] you [search|grep|go through] the [code|files|sources] for {pattern}?",
            "[grep|search code] {pattern}",
            "[Search|Look|Grep] for {pattern} in [the folder |]{path}[ please|].",
            (
                "[Is|Does] {pattern} [appear |turn up |]anywhere in [our code|the code "
                "base|these files]?"
            ),
            "[I want to clean up.|We had a bug.] [Show me|List] [all|the] lines with {pattern}.",
        ),
        params=(
            Param(
                "pattern",
                "pattern",
                ("query", "regex", "text"),
                ("What to search for", "A text or regular expression"),
            ),
            Param("path", "folder", ("folder", "dir"), ("Where to search",), optional=True),
        ),
        bare=("[Search|Grep] the code[ for me| please|].",),
        gives=(Param("file", "path"), Param("line", "int")),
        tells=(
            "{pattern} [is in|appears in] {file}, line {line}.",
            "[I found it|Found it] in {file} at line {line}.",
        ),
    ),
    Intent(
        names=("List", "list_directory", "list_files", "ls", "list_dir", "listFolder"),
        about=(
            "List the files in a folder.",
            "Shows what is in a directory.",
            "Returns the names of files and folders in a directory.",
        ),
        asks=(
            (
                "[List|Show|Give me] [the files|all files|everything] in [the folder "
                "|]{folder}[ please|]."
            ),
            "What [files are|is|do we have] in [the folder |the directory |]{folder}?",
            "[Can|Could] you [list|show me] [the directory|the folder|what's in] {folder}?",
            "[ls|list|dir] {folder}",
            "I [want|need] to [see|know] [which files are|what is] in {folder}.",
            "[Have a look|Look] [around in|inside|into] {folder}[ and tell me what you see|].",
        ),
        params=(_FOLDER,),
        bare=("[List|Show] the files[ in a folder|].", "What is in the folder?"),
        gives=(Param("first", "filename"), Param("count", "int")),
        tells=(
            "{folder} has {count} files, [the first is|first] {first}.",
            "There are {count} files[ in it|], {first} among them.",
        ),
    ),
    Intent(
        names=("WebFetch", "fetch_page", "read_webpage", "open_page", "fetchUrl"),
        about=(
            "Fetch a web page and return its text.",
            "Reads the page at an address on the web.",
        ),
        asks=(
            "[Read|Open|Fetch|Get] the [web |]page [at |]{url}[ please|].",
            "What does [the page |the site |]{url} [say|tell us|show][ today|]?",
            "[Can|Could] you [read|summarize|have a look at] {url}[ for me|]?",
            "[Summarize|Sum up] [the article at|the page at|this page:] {url}",
            "[fetch|browse|page] {url}",
            "[My friend sent me a link.|The docs are online.] What [is|does it say] at {url}?",
        ),
        params=(_URL,),
        bare=("[Read|Fetch] [the|a] web page[ for me|].",),
        gives=(Param("text", "text"),),
        tells=("[The page says|It says|In short]: {text}",),
    ),
    Intent(
        names=("WebSearch", "web_search", "search_web", "internet_search", "search_online"),
        about=(
            "Search the web for a topic.",
            "Looks something up on the internet.",
        ),
        asks=(
            "[Search|Look on] the [web|internet] for {query}[ please|].",
            (
                "[Look up|Find something about|Google for] {query} [online|on the "
                "web|on the internet]."
            ),
            "What does the [web|internet] [say|know] about {query}?",
            "[Can|Could] you [search online for|find web pages about] {query}?",
            "web search {query}",
            "I [need|want] [articles|pages|sources|something to read] [about|on] {query}.",
            "What is [new|the latest] [about|on|with] {query}?",
        ),
        params=(
            Param("query", "topic", ("q", "search_term", "keywords"), ("What to search for",)),
        ),
        bare=("[Search|Look something up on] the web[ for me|].",),
        gives=(Param("headline", "title"), Param("snippet", "text")),
        tells=("[The first result|I found]: {snippet}", '"{headline}" [says|writes]: {snippet}'),
    ),
    Intent(
        names=("TodoWrite", "todo_write", "append_todo", "write_todos", "create_task_item"),
        about=(
            "Write an item to the list of todos.",
            "Adds a task to the todo list of this session.",
        ),
        asks=(
            '[Add|Put|Write] "{item}" [to|on] [the|my|our] todo list[ please|].',
            "[New todo|todo|Todo item|to do]: {item}",
            "[Note|Make] a todo[ for me|]: {item}",
            '[Can|Could] you put "{item}" on [the|my] [todos|list of tasks][ please|]?',
            "[Don't let me forget|We still have to do this|Not now, but later]: '{item}'",
            '[Add|Write down] the [todo|task] "{item}" with {priority} priority.',
        ),
        params=(
            Param("item", "sentence", ("todo", "task", "content"), ("What is to do",)),
            Param(
                "priority",
                "word",
                ("level",),
                ("How urgent it is",),
                ("low", "medium", "high"),
                optional=True,
            ),
        ),
        bare=("[Add|Write] a todo[ please|].", "Put something on my todo list."),
        gives=(Param("total", "int"),),
        tells=("[Done|Added]: [the list has|there are] {total} todos[ now|].",),
    ),
    Intent(
        names=("TodoRead", "todo_read", "show_todos", "get_todo_list"),
        about=("Read the list of todos.", "Shows which tasks are still open."),
        asks=(
            "[Show|Read|List] [me |][the|my|our] [todos|todo list][ please|].",
            "What is [on|left on] [the|my|our] todo list?",
            "[Which|What] [todos|tasks] are [open|left|not done yet]?",
            "What [do I have|is there|is left] to do[ now| next|]?",
            "[todos|my todos|todo list]",
            "[I lost track.|Where were we?|Good morning.] What [is next|remains|comes next]?",
        ),
        gives=(Param("next", "sentence"), Param("open", "int")),
        tells=(
            'There are {open} open todos, [the next is|next is] "{next}".',
            'Next: "{next}".',
        ),
    ),
    Intent(
        names=("Task", "run_subagent", "launch_agent", "delegate_task", "spawn_agent"),
        about=(
            "Start a sub-agent that works on a task by itself.",
            "Delegates a task to another agent.",
        ),
        asks=(
            '[Start|Launch|Spawn|Use] [an agent|a sub-agent|a subagent] [for|to do] "{prompt}".',
            "[Delegate|Give] [this|this task] to [an agent|another agent|a sub-agent]: {prompt}",
            '[Let|Have] [an agent|a sub-agent|another agent] [work on|do|take care of] "{prompt}".',
            "[agent|subagent|delegate]: {prompt}",
            "[Can|Could] [an agent|a sub-agent] [do this|work on this][ meanwhile|]: '{prompt}'?",
            '[Somebody else|A helper|One of your helpers] should [do|handle] this: "{prompt}"',
        ),
        params=(
            Param(
                "prompt",
                "sentence",
                ("task", "instructions", "description"),
                ("What the agent has to do", "The task"),
            ),
        ),
        bare=("[Start|Launch|Use] [a sub-agent|an agent][ please|].",),
        gives=(Param("agent_id", "code"), Param("report", "text")),
        tells=("[The agent says|Agent {agent_id} reports|Its report]: {report}",),
    ),
    Intent(
        names=("AskUser", "ask_user_question", "ask_question", "askHuman", "clarify"),
        about=(
            "Ask the user a question and wait for the answer.",
            "Shows a question to the human who is in charge.",
        ),
        asks=(
            '[Ask|Put this question to] [the user|the human|your user]: "{question}"',
            'Before you [go on|start|continue], ask [the user|the human] "{question}".',
            "[ask user|ask the user|question for the user]: {question}",
            '[Clarify|Ask] with [the user|the human|the person in charge] first: "{question}"',
            (
                "[I am not sure.|That is not mine to decide.] Let the user "
                "[answer|say] this: '{question}'"
            ),
        ),
        params=(Param("question", "sentence", ("prompt", "message"), ("The question to ask",)),),
        bare=("[Ask the user|Ask the human] [a question|something].",),
        gives=(Param("answer", "sentence"),),
        tells=('[The user says|The answer is|They answered]: "{answer}"',),
    ),
    Intent(
        names=("NotebookEdit", "edit_notebook", "edit_cell", "notebook_replace_cell"),
        about=(
            "Edit a cell of a notebook.",
            "Replaces the source of one notebook cell.",
        ),
        asks=(
            '[Edit|Change|Replace] cell {cell} [of|in] the notebook {notebook}: "{source}"',
            'In [the notebook |]{notebook}, [set|change] cell {cell} to "{source}"[ please|].',
            '[Put|Write] "{source}" into cell {cell} of [the notebook |]{notebook}.',
            "notebook {notebook}, cell {cell}: {source}",
            (
                "[Can|Could] you [edit|update] cell {cell} in {notebook} [to say|so it "
                "says] '{source}'?"
            ),
        ),
        params=(
            Param("notebook", "path", ("notebook_path", "path"), ("The notebook",)),
            Param("cell", "small_int", ("cell_number", "index"), ("The number of the cell",)),
            Param("source", "sentence", ("new_source", "content"), ("The new content",)),
        ),
        bare=("[Edit|Change] [a cell|the notebook][ please|].",),
        gives=(_STATUS,),
        tells=("Done: cell {cell} of {notebook} [is changed|has the new text].",),
    ),
    # Tests and checks.
    Intent(
        names=("run_tests", "runTests", "test_runner", "execute_tests", "pytest"),
        about=(
            "Run the tests in a file or folder.",
            "Runs the unit tests and reports what failed.",
        ),
        asks=(
            "[Run|Start|Execute] the [tests|unit tests|test suite] [in|of|for] {path}[ please|].",
            "[Do|Did|Will] the tests in {path} [pass|succeed|still pass]?",
            "[Can|Could] you [test|run the tests in|run the tests of] {path}[ for me|]?",
            "[test|run tests] {path}",
            (
                "[I changed something.|Before we merge:|Let's be careful.] [Run the "
                "tests in|Test] {path}."
            ),
            "[Is everything in|Is|Are things in] {path} still [green|working|passing]?",
            "I [want|need] [a test run for|to test] {path}[ now| again|].",
        ),
        params=(Param("path", "path", ("test_path", "file", "target"), ("Which tests to run",)),),
        bare=("[Run|Start] the tests[ please|].", "Do the tests pass?"),
        gives=(Param("passed", "int"), Param("failed", "small_int")),
        tells=(
            "{passed} tests passed[ and|,] {failed} failed.",
            "[In {path}|Result]: {passed} passed, {failed} failed.",
        ),
    ),
    Intent(
        names=("lint", "lint_file", "run_linter", "check_style", "lintCode"),
        about=(
            "Lint a file and report problems of style.",
            "Runs the linter over the code.",
        ),
        asks=(
            "[Lint|Run the linter on|Run lint on] [the file |]{path}[ please|].",
            "[Does the linter complain|Are there lint errors|Any lint warnings] [about|in] {path}?",
            "[Can|Could] you [lint|check the style of] {path}[ for me|]?",
            "lint {path}",
            "[Is|Does] {path} [written in good style|clean code|follow our style rules]?",
            "[I need|I want] [a lint check|the linter's opinion] [of|on] {path}.",
        ),
        params=(_PATH,),
        bare=("[Run the linter|Lint the code|Lint it][ please|].",),
        gives=(Param("warnings", "int"),),
        tells=("[The linter found|There are] {warnings} warnings in {path}.",),
    ),
    Intent(
        names=("format_code", "format_file", "reformat", "run_formatter", "prettify"),
        about=(
            "Format a source file.",
            "Runs the code formatter on a file.",
        ),
        asks=(
            "[Format|Reformat|Run the formatter on] [the file |]{path}[ please|].",
            "[Can|Could] you [format|reformat|tidy up] {path}[ for me|]?",
            "Is {path} [formatted|in the right format]? If not, [format it|do it|fix that].",
            "[fmt|format|reformat] {path}",
            "The [indentation|white space|layout] [of|in] {path} is [a mess|ugly|wrong].",
            "[Make|I want] {path} [look nice|well formatted|pretty again].",
        ),
        params=(_PATH,),
        bare=("[Format|Reformat] the [code|file][ please|].",),
        gives=(Param("changed_lines", "int"),),
        tells=("[Done|Formatted]: {changed_lines} lines of {path} changed.",),
    ),
    Intent(
        names=("build_project", "build", "compile", "run_build", "make_target"),
        about=(
            "Build a target of the project.",
            "Compiles the project and reports errors.",
        ),
        asks=(
            "[Build|Compile|Make] [the target |the project |]{target}[ please|].",
            "[Does|Will|Can] {target} [build|compile|still build]?",
            "[Can|Could] you [build|compile] {target}[ for me| again|]?",
            "[build|make|compile] {target}",
            "[Start|Run] a [clean |new |fresh |]build of {target}.",
            "[Build|Compile] {target} in {mode} mode[ please|].",
            "I need [a binary of|an executable of] {target}[ today| soon|].",
        ),
        params=(
            Param("target", "word", ("project", "name"), ("What to build",)),
            Param(
                "mode",
                "word",
                ("profile", "configuration"),
                ("The kind of build",),
                ("debug", "release"),
                optional=True,
            ),
        ),
        bare=("[Build|Compile] [it|the project][ please|].",),
        gives=(Param("errors", "small_int"), Param("seconds", "int")),
        tells=("The build [of {target} |]took {seconds} seconds and had {errors} errors.",),
    ),
    Intent(
        names=("type_check", "check_types", "run_type_checker", "typecheck"),
        about=(
            "Check the types in a file.",
            "Runs the type checker on the code.",
        ),
        asks=(
            "[Check the types in|Type check|Run the type checker on] {path}[ please|].",
            "[Are|Do] the types in {path} [right|correct|fit|all fine]?",
            "[Can|Could] you [type check|check the types of] {path}[ for me|]?",
            "[typecheck|check types|types] {path}",
            "[Does the type checker complain about|Are there type errors in] {path}?",
            (
                "[I added annotations.|I changed a signature.] [Does everything|Do "
                "things] in {path} [fit|match]?"
            ),
        ),
        params=(_PATH,),
        bare=("[Run the type checker|Check the types][ please|].",),
        gives=(Param("errors", "int"),),
        tells=("[The type checker found|There are] {errors} type errors in {path}.",),
    ),
    Intent(
        names=("get_coverage", "test_coverage", "coverage_report", "measure_coverage"),
        about=(
            "Get the test coverage of a file or folder.",
            "Reports how much of the code the tests cover.",
        ),
        asks=(
            "[Show me|Get|Measure] the [test |]coverage of {path}[ please|].",
            "What is the [test |]coverage of {path}?",
            "How well is {path} covered by tests?",
            "[coverage|test coverage] {path}",
            "[Can|Could] you [measure|check|report] the coverage [of|for] {path}?",
            "[How many lines of|How much of] {path} do [the|our] tests [reach|touch|run]?",
            "[Do we|Did we] test {path} [enough|thoroughly|well]?",
        ),
        params=(Param("path", "folder", ("folder", "module", "target"), ("What to measure",)),),
        bare=("[What is|Show me] the [test |]coverage[ please|].",),
        gives=(Param("covered", "percent"),),
        tells=("[The tests cover|Tests reach] {covered} percent of {path}.",),
    ),
    Intent(
        names=("run_benchmark", "benchmark", "measure_speed", "run_bench"),
        about=(
            "Run a benchmark and report its time.",
            "Measures how fast a function runs.",
        ),
        asks=(
            "[Run|Start|Repeat] the benchmark [of|for|on] {name}[ please|].",
            "How [fast|slow] is {name}[ now| at the moment|]?",
            "[Can|Could] you [benchmark|measure|time] {name}[ for me|]?",
            "[bench|benchmark|time] {name}",
            "[Benchmark|Measure] {name} with {runs} runs[ please|].",
            "[I optimized the code.|We want it faster.] How long does {name} take[ now|]?",
        ),
        params=(
            Param("name", "identifier", ("benchmark", "function"), ("What to measure",)),
            Param("runs", "small_int", ("repeats", "count"), ("How many runs",), optional=True),
        ),
        bare=("[Run the|Start a] benchmark[ please|].",),
        gives=(Param("milliseconds", "int"),),
        tells=("{name} [takes|needs|runs in] {milliseconds} milliseconds.",),
    ),
    # Version control.
    Intent(
        names=("git_status", "gitStatus", "working_tree_status", "show_changes"),
        about=(
            "Show the status of the git repository.",
            "Lists the changed files of the working tree.",
        ),
        asks=(
            "[Show me|Check|Get] the git status[ please|].",
            "What is the git status?",
            "[git status|status of the repo|repo status]",
            "[Which|What] files [are changed|have I changed|are modified|did I touch]?",
            "[Do I have|Are there|Have we] [any |]uncommitted changes?",
            "Is [the|my] [working tree|repository|checkout] clean?",
            (
                "[I can't remember what I did.|Before I go home:] What [is not "
                "committed|have I changed]?"
            ),
        ),
        gives=(Param("current_branch", "branch"), Param("modified", "small_int")),
        tells=(
            "[You are on|The branch is] {current_branch} with {modified} changed files.",
            "{modified} files are modified on {current_branch}.",
        ),
    ),
    Intent(
        names=("git_log", "gitLog", "commit_history", "list_commits", "recent_commits"),
        about=(
            "Show the last commits of the git history.",
            "Lists recent commits with their messages.",
        ),
        asks=(
            "[Show me|List|Give me] the last {count} commits[ please|].",
            "What [are|were] the [last|latest|most recent] {count} commits?",
            "[git log|log|history] {count}",
            "[Can|Could] you [show me|list] {count} commits [of the history|from the log]?",
            (
                "What did [we|people|the team] commit [lately|recently]? [Show|List] "
                "{count}[ of them| entries|]."
            ),
            "[I was on holiday.|I'm back.] Show {count} [entries of the history|recent commits].",
        ),
        params=(Param("count", "small_int", ("limit", "n", "max_count"), ("How many commits",)),),
        bare=("[Show me|List] the [last|recent] commits[ please|].",),
        gives=(Param("author", "first_name"), Param("subject", "sentence")),
        tells=('The [last|latest|newest] commit is "{subject}" by {author}.',),
    ),
    Intent(
        names=("git_diff", "gitDiff", "show_diff", "diff_file"),
        about=(
            "Show the diff of a file.",
            "Shows how a file differs from the last commit.",
        ),
        asks=(
            "[Show me|Give me|Get] the [git |]diff [of|for] {path}[ please|].",
            "What [changed|has changed|did I change] in {path}?",
            "[git diff|diff] {path}",
            (
                "[Can|Could] you [diff|show the changes in|compare] {path} [with the "
                "last commit|for me]?"
            ),
            "How does {path} differ from [the last commit|before|what we had]?",
            "[Somebody|I] [edited|touched] {path}. What is [new|different]?",
        ),
        params=(_PATH,),
        bare=("[Show me|Get] the diff[ please|].",),
        gives=(Param("added", "int"), Param("removed", "int")),
        tells=(
            "{added} lines were added and {removed} removed in {path}.",
            "{path}: {added} new lines, {removed} removed.",
        ),
    ),
    Intent(
        names=("git_commit", "commit_changes", "gitCommit", "create_commit", "commit"),
        about=(
            "Commit the changes with a message.",
            "Makes a git commit of all staged changes.",
        ),
        asks=(
            '[Commit|Commit this|Commit the changes] with the message "{message}"[ please|].',
            '[Make|Create] a commit [called|with the text|saying|named] "{message}".',
            "[git commit|commit|commit message]: {message}",
            "[Can|Could] you commit [everything|my work|the changes] as '{message}'?",
            '[I am done.|All tests pass.|Good.] [Commit it|Commit]: "{message}"',
            '[Record|Save] [my|the] [changes|work] in git [as|with the note] "{message}".',
        ),
        params=(Param("message", "sentence", ("msg", "commit_message", "text"), ("The message",)),),
        bare=("[Commit|Please commit] [my|the] changes[ now|].", "Make a commit."),
        gives=(Param("commit_id", "code"),),
        tells=('[Done|Committed]: {commit_id} "{message}".', "The commit is {commit_id}."),
    ),
    Intent(
        names=("git_checkout", "checkout_branch", "switch_branch", "gitSwitch"),
        about=(
            "Check out an existing branch.",
            "Switches the working tree to another branch.",
        ),
        asks=(
            "[Check out|Switch to|Change to] [the branch |branch |]{branch}[ please|].",
            "[git checkout|checkout|switch to] {branch}",
            "[Can|Could] you [switch to|check out|change to] [the branch |]{branch}[ for me|]?",
            "I [want|need|would like] to [be|work|go on] on [the branch |]{branch}[ now|].",
            "[Take|Bring] me to {branch}[ please|].",
        ),
        params=(_BRANCH,),
        bare=("[Switch|Change] the branch[ please|].", "Check out a branch."),
        gives=(_STATUS,),
        tells=("Done: you are on {branch}[ now|].",),
    ),
    Intent(
        names=("create_branch", "git_create_branch", "new_branch", "gitBranch"),
        about=(
            "Create a new git branch.",
            "Makes a branch that starts at the current commit.",
        ),
        asks=(
            "[Create|Make|Start|Open] a [new |]branch [named|called|with the name] {branch}.",
            "[new branch|create branch|git branch] {branch}",
            "[Can|Could] you [create|make] [a|the] [new |]branch {branch}[ for me|]?",
            "I need a [new |fresh |]branch[ called| named|:] {branch}",
            "[Create|Start] [the |a |]branch {branch} from {base}[ please|].",
            "[I begin something new.|New feature!] [Branch off as|It gets the branch] {branch}.",
        ),
        params=(
            _BRANCH,
            Param("base", "branch", ("from_branch", "source"), ("Where it starts",), optional=True),
        ),
        bare=("[Create|Make] a [new |]branch[ please|].",),
        gives=(Param("commit_id", "code"),),
        tells=("[Done|Created]: {branch} starts at {commit_id}.",),
    ),
    Intent(
        names=("git_merge", "merge_branch", "gitMerge", "merge"),
        about=(
            "Merge one branch into another.",
            "Merges the commits of a branch into the target branch.",
        ),
        asks=(
            "[Merge|Please merge] [the branch |]{source} into {target}[ now|].",
            "[Can|Could] you merge {source} into {target}[ for me|]?",
            "[git merge|merge] {source} -> {target}",
            "[Bring|Get|Take] the [commits|changes|work] [of|from] {source} into {target}.",
            (
                "[The work on|Everything on] {source} is [done|ready|finished]. It "
                "[belongs|goes] into {target}."
            ),
        ),
        params=(
            Param("source", "branch", ("from_branch", "head"), ("The branch to merge",)),
            Param("target", "branch", ("into", "base"), ("The branch that receives it",)),
        ),
        bare=("[Merge|Please merge] the branch.",),
        gives=(Param("conflicts", "small_int"),),
        tells=("[Merged|Done]: {source} is in {target}, with {conflicts} conflicts.",),
    ),
    Intent(
        names=("git_push", "push_branch", "gitPush", "push_commits"),
        about=(
            "Push a branch to the remote repository.",
            "Sends local commits to the server.",
        ),
        asks=(
            "[Push|Please push] [the branch |my branch |]{branch}[ to the server| to the remote|].",
            "[git push|push] {branch}",
            "[Can|Could] you push [my commits on |the commits of |]{branch}[ now|]?",
            "[Upload|Send] my commits on {branch}[ to the server| please|].",
            (
                "[My colleagues|The others] [need|wait for] {branch}[ on the server|]. "
                "[Push it|Share it]."
            ),
        ),
        params=(_BRANCH,),
        bare=("[Push|Please push] [my commits|the branch|it].",),
        gives=(Param("commits", "small_int"),),
        tells=("[Pushed|Done]: {commits} commits of {branch} are on the server.",),
    ),
    Intent(
        names=("git_pull", "pull_branch", "gitPull", "update_checkout"),
        about=(
            "Pull the newest commits of a branch.",
            "Gets new commits from the remote repository.",
        ),
        asks=(
            "[Pull|Please pull] [the branch |the newest |]{branch}[ from the server|].",
            "[git pull|pull] {branch}",
            "[Can|Could] you pull [the latest|the newest|all new] [commits|changes] of {branch}?",
            (
                "[Get|Download|Fetch] the [latest|newest] [commits|changes] [of|on] "
                "{branch}[ from the server|]."
            ),
            "[My copy of|My checkout of] {branch} is [old|out of date|days behind].",
        ),
        params=(_BRANCH,),
        bare=("[Pull|Get] the [latest|newest] [changes|commits][ please|].",),
        gives=(Param("new_commits", "small_int"),),
        tells=("[Pulled|Got] {new_commits} new commits [of|on] {branch}.",),
    ),
    Intent(
        names=("git_blame", "blame_line", "gitBlame", "who_changed_line"),
        about=(
            "Show who last changed a line of a file.",
            "Git blame: the author of a line.",
        ),
        asks=(
            "Who [wrote|changed|last changed|touched] line {line} [of|in] {path}?",
            "[Blame|git blame] line {line} [of|in] {path}[ please|].",
            "[Show me|Find|Tell me] the author of line {line} in {path}.",
            "[Can|Could] you [blame|find out who wrote] line {line} of {path}?",
            "blame {path} {line}",
            "[Whose fault|Whose idea|Whose work] is line {line} in {path}?",
        ),
        params=(_PATH, Param("line", "int", ("line_number",), ("The number of the line",))),
        bare=("Who [wrote|changed] this line?",),
        gives=(Param("author", "person"), Param("changed_on", "date")),
        tells=("{author} [wrote|changed] [it|line {line}] on {changed_on}.",),
    ),
    Intent(
        names=("git_stash", "stash_changes", "gitStash", "put_changes_aside"),
        about=(
            "Stash the uncommitted changes under a name.",
            "Puts local changes aside for later.",
        ),
        asks=(
            (
                "[Stash|Put aside] [my|the|all] [changes|work] [as|under the name|with "
                "the note] '{label}'."
            ),
            "[git stash|stash|stash message]: {label}",
            '[Can|Could] you stash [everything|my changes|this] as "{label}"?',
            '[Keep|Store] my [uncommitted|unfinished] [changes|work] for later as "{label}".',
            (
                "[I must fix something else first.|Urgent bug!] [Stash this|Put this "
                'away] as "{label}".'
            ),
        ),
        params=(Param("label", "title", ("message", "name"), ("A name for the stash",)),),
        bare=("[Stash|Put aside] my changes[ please|].",),
        gives=(Param("files", "small_int"),),
        tells=('[Stashed|Done]: {files} files are [kept|put aside] as "{label}".',),
    ),
    Intent(
        names=("git_tag", "tag_version", "create_tag", "tag_release", "gitTag"),
        about=(
            "Tag the current commit with a version.",
            "Creates a release tag in git.",
        ),
        asks=(
            (
                "[Tag|Mark] [this|this commit|the commit|the release] as [version "
                "|]{version}[ please|]."
            ),
            "[Create|Make|Set] [a|the] [release |git |]tag [for |]{version}.",
            "[git tag|tag] {version}",
            "[Can|Could] you [tag|create the tag for] [version |release |]{version}?",
            (
                "[We are ready to release.|The release is done.] [This is|Call it] "
                "[version |]{version}."
            ),
        ),
        params=(Param("version", "version", ("tag", "tag_name"), ("The version",)),),
        bare=("[Tag|Mark] the release[ please|].", "Create a tag."),
        gives=(Param("commit_id", "code"),),
        tells=("[Tagged|Done]: {commit_id} is [version |]{version}.",),
    ),
    Intent(
        names=("git_revert", "revert_commit", "undo_commit", "gitRevert"),
        about=(
            "Revert a commit by its id.",
            "Undoes the changes of one commit with a new commit.",
        ),
        asks=(
            "[Revert|Undo|Take back] [the commit |commit ]{commit}[ please|].",
            "[git revert|revert] {commit}",
            "[Can|Could] you [revert|undo] [the commit |commit ]{commit}[ for me|]?",
            (
                "[Commit|The commit] {commit} [was a mistake|broke the build|was "
                "wrong]. [Undo it|Revert it]."
            ),
            "[I regret|We don't want] [the commit |commit ]{commit}[ any more|].",
        ),
        params=(Param("commit", "code", ("commit_id", "sha", "rev"), ("The id of the commit",)),),
        bare=("[Revert|Undo] the [last |]commit[ please|].",),
        gives=(Param("new_commit", "code"),),
        tells=("[Reverted|Done]: {new_commit} undoes {commit}.",),
    ),
    Intent(
        names=("clone_repository", "git_clone", "clone_repo", "gitClone"),
        about=("Clone a git repository.", "Copies a repository from a URL to this machine."),
        asks=(
            "[Clone|Check out a copy of] [the repository |the repo |]{url}[ please|].",
            "[git clone|clone] {url}",
            "[Can|Could] you clone [the repo at |the repository |]{url}[ for me|]?",
            "[I need|Get me] a [local |]copy of the [repository|repo] [at |]{url}[ please|].",
            "[Clone|Copy] [the repository |the repo ]{url} into {folder}[ please|].",
        ),
        params=(
            Param("url", "url", ("repo_url", "repository"), ("The address of the repository",)),
            Param("folder", "folder", ("directory", "into"), ("Where to put it",), optional=True),
        ),
        bare=("Clone [a|the] [repository|repo][ please|].",),
        gives=(Param("files", "int"),),
        tells=("[Cloned|Done]: the repository has {files} files.",),
    ),
    # Issues, pull requests and reviews.
    Intent(
        names=("create_issue", "open_issue", "file_bug", "createIssue", "report_bug"),
        about=(
            "Create an issue with a title.",
            "Opens a new bug report in the issue tracker.",
        ),
        asks=(
            '[Create|Open|File|Make] [an|a new] issue [called|with the title|named] "{title}".',
            '[Report|File] [a|this] bug[ please|]: "{title}"',
            "[new issue|create issue|bug report]: {title}",
            "[Can|Could] you [open|create|file] an issue '{title}'[ for me|]?",
            '[I found a bug.|Something is broken.] [Report it|Write it down] as "{title}".',
            '[Create|Open] an issue "{title}" with the label {label}[ please|].',
        ),
        params=(
            Param("title", "title", ("summary", "subject"), ("The title of the issue",)),
            Param(
                "label",
                "word",
                ("kind", "type"),
                ("The kind of issue",),
                ("bug", "feature", "question"),
                optional=True,
            ),
        ),
        bare=("[Create|Open|File] an issue[ please|].", "I want to report a bug."),
        gives=(Param("number", "number_id"),),
        tells=('[Done|Created]: issue {number} "{title}".', "The issue has the number {number}."),
    ),
    Intent(
        names=("comment_issue", "add_comment", "comment_on_issue", "postComment"),
        about=(
            "Add a comment to an issue.",
            "Writes a comment under an issue.",
        ),
        asks=(
            '[Comment|Write|Say] "{text}" [on|under] issue {issue}[ please|].',
            '[Add|Post|Leave] [a|the] comment [on|to|under] issue {issue}: "{text}"',
            "comment [on |]{issue}: {text}",
            "[Can|Could] you [reply to|answer|comment on] issue {issue} with '{text}'?",
            'Let [the people|everybody] [following|in] issue {issue} know: "{text}"',
        ),
        params=(_ISSUE, Param("text", "sentence", ("body", "comment"), ("The comment",))),
        bare=("[Comment on|Add a comment to] the issue[ please|].",),
        gives=(Param("comment_id", "code"),),
        tells=("[Done|Posted]: your comment is [on|under] issue {issue}.",),
    ),
    Intent(
        names=("close_issue", "closeIssue", "resolve_issue", "mark_issue_closed"),
        about=("Close an issue by its number.", "Marks an issue as closed in the tracker."),
        asks=(
            "[Close|Resolve] [the issue|issue|issue number] {issue}[ please|].",
            "[close issue|close] {issue}",
            "[Can|Could] you [close|resolve] issue {issue}[ for me|]?",
            "Issue {issue} is [fixed|done|solved|obsolete].[ Close it.|]",
            "[We don't need|Nobody needs] issue {issue} [any more|now]. [Shut it|Close it].",
        ),
        params=(_ISSUE,),
        bare=("[Close|Resolve] the issue[ please|].",),
        gives=(_STATUS,),
        tells=("Done: issue {issue} is closed.",),
    ),
    Intent(
        names=("list_issues", "listIssues", "search_issues", "get_issues"),
        about=(
            "List the issues in a given state.",
            "Shows issues of the project, open or closed.",
        ),
        asks=(
            "[List|Show me|Get] [all |the |]{state} issues[ please|].",
            "[How many|Which|What] {state} issues [are there|do we have]?",
            "[Can|Could] you [list|show] [the|all] {state} issues[ of the project|]?",
            "issues {state}",
            "[I plan my week.|What is in the tracker?] [Show|List] [everything|what is] {state}.",
        ),
        params=(Param("state", "word", ("status", "filter"), ("The state",), ("open", "closed")),),
        bare=("[List|Show me] the issues[ please|].",),
        gives=(Param("count", "int"), Param("newest", "title")),
        tells=('There are {count} {state} issues, the newest is "{newest}".',),
    ),
    Intent(
        names=("assign_issue", "assignIssue", "set_assignee", "give_issue_to"),
        about=(
            "Assign an issue to a person.",
            "Sets who works on an issue.",
        ),
        asks=(
            "[Assign|Give|Hand] issue {issue} to {person}[ please|].",
            "[assign|assignee] {issue} {person}",
            "[Can|Could] you assign [issue |]{issue} to {person}[ for me|]?",
            "Make {person} [responsible for|the owner of] issue {issue}.",
            "{person} [will|should|wants to] [fix|work on|take|handle] issue {issue}.",
        ),
        params=(
            _ISSUE,
            Param("person", "first_name", ("assignee", "user"), ("Who works on it",)),
        ),
        bare=("[Assign|Give] the issue to somebody.",),
        gives=(_STATUS,),
        tells=("Done: {person} has issue {issue}[ now|].",),
    ),
    Intent(
        names=("create_pull_request", "open_pr", "createPullRequest", "new_merge_request"),
        about=(
            "Open a pull request for a branch.",
            "Creates a pull request with a title.",
        ),
        asks=(
            (
                "[Open|Create|Make] a pull request [for|from] {branch} "
                '[called|titled|with the title] "{title}".'
            ),
            '[Open|Create] a PR [for|from] {branch}: "{title}"',
            "pr {branch}: {title}",
            "[Can|Could] you [open|create] [a PR|a pull request] for {branch} named '{title}'?",
            (
                "[My work on|The branch] {branch} is ready[ for review|]. [Propose "
                "it|Open a PR] as '{title}'."
            ),
        ),
        params=(
            Param("branch", "branch", ("head", "source_branch"), ("The branch with the work",)),
            Param("title", "title", ("name", "subject"), ("The title",)),
        ),
        bare=("[Open|Create] a [pull request|PR][ please|].",),
        gives=(Param("number", "number_id"),),
        tells=('[Done|Opened]: pull request {number} "{title}".', "The PR is number {number}."),
    ),
    Intent(
        names=("merge_pull_request", "merge_pr", "mergePullRequest", "accept_pr"),
        about=("Merge a pull request.", "Accepts a pull request by its number and merges it."),
        asks=(
            "[Merge|Accept] [the pull request|pull request|PR] {number}[ please|].",
            "[merge pr|merge PR|pr merge] {number}",
            "[Can|Could] you merge [PR|pull request] {number} by {method}?",
            "[Can|Could] you [merge|accept] [PR|pull request] {number}[ now|]?",
            "[PR|Pull request] {number} [looks good|is approved|is fine]. [Merge it|It can go in].",
        ),
        params=(
            _PULL,
            Param(
                "method",
                "word",
                ("strategy",),
                ("How to merge",),
                ("squash", "rebase"),
                optional=True,
            ),
        ),
        bare=("[Merge|Accept] the [pull request|PR][ please|].",),
        gives=(Param("commit_id", "code"),),
        tells=("[Merged|Done]: pull request {number} is in as {commit_id}.",),
    ),
    Intent(
        names=("review_pull_request", "code_review", "review_pr", "reviewChanges"),
        about=(
            "Review the code of a pull request.",
            "Does a code review and reports remarks.",
        ),
        asks=(
            "[Review|Do a code review of] [pull request|PR] {number}[ please|].",
            "[review|code review] {number}",
            "[Can|Could] you [review|look over] [PR|pull request] {number}[ for me|]?",
            "I [need|want] a [code |]review of [PR|pull request] {number}[ today|].",
            "Is the code in [PR|pull request] {number} [any good|fine|ready]?",
            "What do you think [of|about] [PR|pull request] {number}?",
        ),
        params=(_PULL,),
        bare=("[Review|Look over] the [pull request|PR|code][ please|].",),
        gives=(Param("remark", "text"), Param("remarks", "small_int")),
        tells=("[There are|I have] {remarks} remarks[ on {number}|]. [The first|First]: {remark}",),
    ),
    Intent(
        names=("request_reviewer", "add_reviewer", "requestReview", "ask_for_review"),
        about=(
            "Ask a person to review a pull request.",
            "Adds a reviewer to a pull request.",
        ),
        asks=(
            (
                "[Ask|Request|Invite] {reviewer} [for a review of|to review] [PR|pull "
                "request] {number}."
            ),
            "Add {reviewer} as [a |]reviewer [of|to] [PR|pull request] {number}[ please|].",
            "[Can|Could] {reviewer} review [PR|pull request] {number}[ please|]?",
            "reviewer {number}: {reviewer}",
            (
                "{reviewer} [should|must] [look at|check|see|approve] [PR|pull "
                "request] {number}[ first|]."
            ),
        ),
        params=(
            Param("number", "number_id", ("pr", "pull_number"), ("The number of the PR",)),
            Param("reviewer", "first_name", ("person", "user"), ("Who reviews",)),
        ),
        bare=("[Ask somebody for|I need] a reviewer.",),
        gives=(_STATUS,),
        tells=("Done: {reviewer} is asked to review {number}.",),
    ),
    # Continuous integration and deployment.
    Intent(
        names=("trigger_pipeline", "run_ci", "start_pipeline", "trigger_workflow", "startCi"),
        about=(
            "Start the CI pipeline on a branch.",
            "Triggers a run of the pipeline for a branch.",
        ),
        asks=(
            (
                "[Start|Trigger|Run|Kick off] [the pipeline|CI|the CI pipeline] "
                "[on|for] {branch}[ please|]."
            ),
            "[ci run|trigger ci|run pipeline] {branch}",
            "[Can|Could] you [trigger|start|run] [CI|the pipeline] [on|for] {branch}[ again|]?",
            "[I want|We need] a [new |fresh |]CI run [on|of] {branch}.",
            (
                "[The last run failed by chance.|It was only a flaky test.] [Try|Run] "
                "{branch} again[ in CI|]."
            ),
        ),
        params=(_BRANCH,),
        bare=("[Start|Trigger|Run] [CI|the pipeline][ please|].",),
        gives=(Param("run_id", "code"),),
        tells=("[Started|Done]: run {run_id} is on {branch}.", "The run {run_id} has started."),
    ),
    Intent(
        names=("pipeline_status", "ci_status", "get_build_status", "check_ci", "workflowStatus"),
        about=(
            "Get the status of CI on a branch.",
            "Tells whether the pipeline of a branch passed.",
        ),
        asks=(
            "[Show me|Get|Check] the [CI|pipeline] status [of|for|on] {branch}[ please|].",
            "What is the [CI|pipeline] status [of|for|on] {branch}?",
            "Has [CI|the pipeline] passed on {branch}?",
            "[ci status|pipeline status|status of ci] {branch}",
            "How is [CI|the pipeline] [doing |]on {branch}?",
            "Is {branch} [green|red|broken|passing]?",
            (
                "[May I merge?|I pushed an hour ago.] [Is CI|Is the pipeline] on "
                "{branch} [happy|through|done]?"
            ),
        ),
        params=(_BRANCH,),
        bare=("[What is the CI status|How is the pipeline|Is CI green]?",),
        gives=(Param("state", "word", enum=("passed", "failed", "running")),),
        tells=("[CI|The pipeline] on {branch}: {state}.", "The pipeline has the state {state}."),
    ),
    Intent(
        names=("deploy_service", "deploy", "release_service", "rollout", "deployVersion"),
        about=(
            "Deploy a version of a service to an environment.",
            "Rolls out a service to production, staging or development.",
        ),
        asks=(
            "[Deploy|Roll out|Release|Ship] {service} {version} to {environment}[ please|].",
            "[Bring|Deploy] version {version} of {service} [to|into] {environment}[ now|].",
            "deploy {service} {version} {environment}",
            (
                "[Can|Could] you [deploy|release|ship] version {version} of {service} "
                "to {environment}?"
            ),
            "{environment} [needs|should get|must have] version {version} of {service}[ today|].",
            (
                "[The tests are green.|We have the approval.] [Ship|Deploy] {service} "
                "{version} to {environment}."
            ),
        ),
        params=(
            _SERVICE,
            Param("version", "version", ("tag", "release"), ("The version to deploy",)),
            _ENVIRONMENT,
        ),
        bare=("[Deploy|Ship|Release] it[ please|].", "Start a deployment."),
        gives=(Param("deployment_id", "code"),),
        tells=(
            "[Deployed|Done]: {service} {version} is in {environment}.",
            "The deployment {deployment_id} has started.",
        ),
    ),
    Intent(
        names=("rollback_deployment", "rollback", "roll_back_service", "undo_deploy"),
        about=(
            "Roll back a service to its previous version.",
            "Undoes the last deployment of a service.",
        ),
        asks=(
            (
                "[Roll back|Undo the deployment of|Do a rollback of] [the service "
                "|]{service}[ please|]."
            ),
            "[rollback|roll back] {service}",
            "[Can|Could] you [roll back|undo the last deployment of] {service}[ now|]?",
            (
                "The [new|last] [version|release|deployment] of {service} is "
                "[broken|bad]. [Roll it back|Undo it]."
            ),
            "[I want|Give us] the [old|previous] version of {service} [back|again].",
        ),
        params=(_SERVICE,),
        bare=("[Roll it back|Roll back the service|Undo the deployment][ please|].",),
        gives=(Param("version", "version"),),
        tells=("[Done|Rolled back]: {service} is at {version} again.",),
    ),
    Intent(
        names=("deployed_version", "get_deployed_version", "service_version", "what_is_deployed"),
        about=(
            "Tell which version of a service is deployed.",
            "Shows the version that runs in an environment.",
        ),
        asks=(
            "[Which|What] version of {service} [runs|is deployed|is live] in {environment}?",
            "[Show me|Get|Tell me] the version of {service} in {environment}[ please|].",
            "version {service} {environment}",
            (
                "[Can|Could] you [check|tell me] which version of {service} [is "
                "in|runs in] {environment}?"
            ),
            "[How old|How new] is the {service} [that runs |]in {environment}?",
        ),
        params=(_SERVICE, _ENVIRONMENT),
        bare=("[Which|What] version is deployed?",),
        gives=(Param("version", "version"), Param("deployed_on", "date")),
        tells=("{environment} has {service} {version}[ since {deployed_on}|].",),
    ),
    # Containers, clusters, hosts.
    Intent(
        names=("list_containers", "docker_ps", "show_containers", "listContainers"),
        about=("List the containers on a host.", "Shows which containers run on a server."),
        asks=(
            "[List|Show me|Get] [the|all] [containers|running containers] on {host}[ please|].",
            "[Which|What|How many] containers [run|are running|are there] on {host}?",
            "containers {host}",
            "[Can|Could] you [list|show] the containers on {host}[ for me|]?",
            "[What is running|What runs] on {host}[ at the moment| right now|]?",
        ),
        params=(_HOST,),
        bare=("[List|Show me] the [running |]containers[ please|].",),
        gives=(Param("running", "int"), Param("names", "words")),
        tells=("{running} containers run on {host}: {names}.", "{host} runs {names}."),
    ),
    Intent(
        names=("restart_container", "docker_restart", "restartContainer", "reboot_container"),
        about=("Restart a container by its id.", "Stops a container and starts it again."),
        asks=(
            "[Restart|Reboot] [the |]container {container}[ please| now|].",
            "[restart|docker restart] {container}",
            "[Can|Could] you restart [the |]container {container}[ for me|]?",
            (
                "[The container|Container] {container} [hangs|does not answer|is "
                "stuck].[ Restart it.|]"
            ),
            "[Stop|Shut down] container {container} and [start|launch] it again.",
        ),
        params=(Param("container", "code", ("container_id", "name", "id"), ("Which container",)),),
        bare=("Restart [the|a] container[ please|].",),
        gives=(Param("uptime", "int"),),
        tells=("[Done|Restarted]: container {container} runs again.",),
    ),
    Intent(
        names=("container_logs", "get_container_logs", "docker_logs", "tailContainer"),
        about=("Get the logs of a container.", "Shows the last lines that a container logged."),
        asks=(
            "[Show me|Get|Give me] the [logs|last logs] of container {container}[ please|].",
            "[docker logs|container logs] {container}",
            "What does container {container} [log|say in its logs|write to its log]?",
            "[Show|Get|Give me] the last {lines} [log |]lines of container {container}.",
            "[Can|Could] you [get|fetch|show me] the logs [of|from] container {container}?",
            "Why did container {container} [crash|stop|die][ last night|]?",
        ),
        params=(
            Param("container", "code", ("container_id", "name", "id"), ("Which container",)),
            Param("lines", "int", ("tail", "limit"), ("How many lines",), optional=True),
        ),
        bare=("[Show me|Get] the logs of [a|the] container[ please|].",),
        gives=(Param("log", "text"),),
        tells=("[The log says|The last line is|Its log says]: {log}",),
    ),
    Intent(
        names=("scale_service", "scale_replicas", "set_replicas", "scaleDeployment"),
        about=(
            "Scale a service to a number of replicas.",
            "Sets how many replicas of a service run in the cluster.",
        ),
        asks=(
            "[Scale|Resize] [the service |]{service} to {replicas} replicas[ please|].",
            "[Set|Change] the [replicas|number of replicas] of {service} to {replicas}.",
            "scale {service} {replicas}",
            "[Can|Could] you scale {service} to {replicas} [replicas|copies|instances]?",
            "I [want|need] {replicas} [replicas|instances|copies] of {service}[ in the cluster|].",
            "[Traffic is growing.|The sale starts soon.] {service} should run {replicas} times.",
        ),
        params=(
            _SERVICE,
            Param("replicas", "small_int", ("count", "instances"), ("How many replicas",)),
        ),
        bare=("[Scale|Resize] the service[ please|].",),
        gives=(_STATUS,),
        tells=("Done: {service} has {replicas} replicas[ now|].",),
    ),
    Intent(
        names=("restart_service", "service_restart", "restartService", "bounce_service"),
        about=("Restart a service on a host.", "Stops and starts a service on a server."),
        asks=(
            "[Restart|Bounce|Please restart] the service {service} on {host}.",
            "Restart {service} on [the server |the host |]{host}[ please|].",
            "The service {service} on {host} needs [a restart|to be restarted][ now| soon|].",
            "restart {service} [@|on] {host}",
            "[Can|Could] you restart {service} on {host}[ for me|]?",
            (
                "{service} [does not answer|is stuck|went crazy] on {host}. [Give it a "
                "kick|Start it again]."
            ),
        ),
        params=(_SERVICE, _HOST),
        bare=("[Restart|Bounce] the service[ please|].",),
        gives=(_STATUS,),
        tells=("Done: {service} [was restarted|runs again] on {host}.",),
    ),
    Intent(
        names=("service_health", "check_health", "health_check", "is_service_up"),
        about=("Check the health of a service.", "Tells whether a service is up and healthy."),
        asks=(
            "[Check|Show me|Get] the health of [the service |]{service}[ please|].",
            "Is [the service |]{service} [healthy|up|running|alive|in good health]?",
            "[health|health check] {service}",
            "[Can|Could] you [check the health of|do a health check on] {service}?",
            (
                "[Users complain.|The page is blank.] [What is wrong with|Is something "
                "wrong with] {service}?"
            ),
        ),
        params=(_SERVICE,),
        bare=("[Check|Show me] the health of [a|the] service.",),
        gives=(Param("health", "word", enum=("healthy", "degraded", "down")),),
        tells=("{service} is {health}[ at the moment| right now|].",),
    ),
    Intent(
        names=("cluster_nodes", "list_nodes", "get_nodes", "nodeList"),
        about=("List the nodes of a cluster.", "Shows how many nodes of a cluster are ready."),
        asks=(
            "[List|Show me|Get] the nodes of [the cluster |cluster |]{cluster}[ please|].",
            "How many nodes [of|in] {cluster} are [ready|up|healthy]?",
            "nodes {cluster}",
            "[Can|Could] you [list|count] the nodes [of|in] the cluster {cluster}?",
            "How [big|large] is the cluster {cluster}[ now|]?",
        ),
        params=(Param("cluster", "pseudo", ("cluster_name", "name"), ("Which cluster",)),),
        bare=("[List|Show me] the nodes[ of the cluster|].",),
        gives=(Param("ready", "small_int"),),
        tells=("{ready} nodes of {cluster} are ready.",),
    ),
    Intent(
        names=("ping_host", "ping", "pingServer", "is_host_up"),
        about=("Ping a host on the network.", "Checks whether a host answers and how fast."),
        asks=(
            "[Ping] [the host |the server |]{host}[ please|].",
            "Is [the host |]{host} [up|online|reachable|there]?",
            "ping {host}",
            "[Can|Could] you ping {host}[ for me|]?",
            "[Can we|Do we|Does anybody] reach {host}[ from here|]?",
            "[Ping|Try] {host} {count} times[ please|].",
        ),
        params=(
            _HOST,
            Param("count", "small_int", ("times", "packets"), ("How many pings",), optional=True),
        ),
        bare=("Ping [a|the] [host|server][ please|].",),
        gives=(Param("latency_ms", "int"),),
        tells=("{host} answers in {latency_ms} milliseconds.",),
    ),
    Intent(
        names=("dns_lookup", "resolve_host", "dnsLookup", "lookup_dns", "nslookup"),
        about=(
            "Look up the DNS record of a host name.",
            "Resolves a host name by DNS.",
        ),
        asks=(
            "[Look up the DNS record of|Resolve|Get the DNS entry of] {host}[ please| for me|].",
            "[Do|Make] a DNS lookup [of|for] {host}[ please|].",
            "[dns|resolve|nslookup] {host}",
            "[Can|Could] you [resolve|look up] [the name |]{host} [in the DNS|by DNS]?",
            "[Show me|Get] the {record} record of {host}[ please|].",
            "[Which|What] [IP|IP address|address] does {host} have?",
            "Where does [the name |]{host} point[ to|]?",
        ),
        params=(
            Param("host", "host", ("hostname", "domain", "name"), ("The name to resolve",)),
            Param(
                "record",
                "word",
                ("type", "record_type"),
                ("The kind of record",),
                ("a", "mx", "txt"),
                optional=True,
            ),
        ),
        bare=("[Do|Make] a DNS lookup[ please|].",),
        gives=(Param("points_to", "host"),),
        tells=("{host} [points to|resolves to] {points_to}.",),
    ),
    Intent(
        names=("check_port", "port_check", "is_port_open", "portCheck", "scan_port"),
        about=("Check whether a port of a host is open.", "Tests a TCP port on a server."),
        asks=(
            "[Check|Test] [whether|if] port {port} [on|of] {host} is open[ please|].",
            "Is port {port} [on|of|at] {host} [open|closed|reachable]?",
            "[port|check port] {port} {host}",
            "[Can|Could] you [check|test|try] port {port} on {host}[ for me|]?",
            "[Does|Will] {host} [listen|accept connections] on {port}?",
        ),
        params=(_HOST, Param("port", "int", ("port_number",), ("The number of the port",))),
        bare=("[Check|Test] [a|the] port[ please|].",),
        gives=(Param("state", "word", enum=("open", "closed", "filtered")),),
        tells=("Port {port} [on|of] {host} is {state}.",),
    ),
    Intent(
        names=("check_certificate", "ssl_check", "get_certificate", "cert_expiry", "tlsInfo"),
        about=(
            "Check the certificate of a host.",
            "Tells when the TLS certificate of a server expires.",
        ),
        asks=(
            "[Check|Show me|Inspect] the [certificate|TLS certificate] of {host}[ please|].",
            "When does the certificate of {host} [expire|end|run out]?",
            "[cert|certificate|tls] {host}",
            "[Can|Could] you check the [certificate|cert] [of|on] {host}?",
            "Is the [certificate|cert] of {host} [valid|still good|expired]?",
            (
                "[My browser warns me|I get a security warning] [about|on] {host}. "
                "[Why|What is wrong]?"
            ),
        ),
        params=(_HOST,),
        bare=("[Check|Inspect] the certificate[ please|].",),
        gives=(Param("expires", "date"), Param("issuer", "company")),
        tells=("The certificate of {host} [expires on|is valid until] {expires}.",),
    ),
    Intent(
        names=("renew_certificate", "cert_renew", "renewCert", "new_certificate"),
        about=("Renew the certificate of a domain.", "Requests a new TLS certificate for a host."),
        asks=(
            "[Renew|Replace] the [certificate|TLS certificate|cert] [of|for] {host}[ please|].",
            "renew cert {host}",
            "[Can|Could] you renew the [certificate|cert] of {host}[ before it expires|]?",
            "{host} needs a [new|fresh] [certificate|TLS certificate|cert][ today|].",
            "[Get|Request|Order] a new [certificate|cert] for {host}.",
        ),
        params=(_HOST,),
        bare=("Renew the certificate[ please|].",),
        gives=(Param("valid_until", "date"),),
        tells=("[Renewed|Done]: the certificate [of {host} |]is valid until {valid_until}.",),
    ),
    Intent(
        names=("disk_usage", "check_disk", "free_space", "diskSpace", "df"),
        about=("Show the disk usage of a host.", "Tells how full the disk of a server is."),
        asks=(
            "[Show me|Check|Get] the disk [usage|space] [of|on] {host}[ please|].",
            "How full is the disk [of|on] {host}?",
            "[df|disk|disk usage] {host}",
            "[Can|Could] you check the disk [of|on] {host}[ for me|]?",
            "[Is there|Do we have] [enough |]space left on {host}?",
            "{host} can't [write|save] [files|anything] any more. [Is it full|No room left]?",
        ),
        params=(_HOST,),
        bare=("[Check|Show me] the disk usage[ please|].",),
        gives=(Param("used_percent", "percent"),),
        tells=("The disk of {host} is {used_percent} percent full.",),
    ),
    Intent(
        names=("host_load", "cpu_usage", "server_load", "get_system_load", "memoryUsage"),
        about=(
            "Get the load of a server: cpu or memory.",
            "Shows how much cpu or memory a host uses.",
        ),
        asks=(
            "[Show me|Check|Get] the {resource} [usage|load] [of|on] {host}[ please|].",
            "How much {resource} is [used|in use|taken] on {host}?",
            "[load|usage] {resource} {host}",
            "[Can|Could] you check the {resource} [load|usage] [of|on] {host}?",
            "{host} [is slow|feels slow|hardly answers]. Is it the {resource}?",
        ),
        params=(
            _HOST,
            Param("resource", "word", ("metric", "kind"), ("What to show",), ("cpu", "memory")),
        ),
        bare=("[Show me|What is] the load of the server?",),
        gives=(Param("used", "percent"),),
        tells=("{host} uses {used} percent of its {resource}.",),
    ),
    Intent(
        names=("reboot_server", "reboot_host", "rebootMachine", "restart_server"),
        about=("Reboot a server by its name.", "Restarts a whole machine by its host name."),
        asks=(
            "[Reboot|Restart] the [server|machine|host] {host}[ please| now|].",
            "reboot {host}",
            "[Can|Could] you reboot [the server |the machine |]{host}[ for me|]?",
            "[The machine|The server] {host} [needs|could use] a [reboot|fresh start].",
            "[Turn|Switch] the machine {host} off and on again.",
        ),
        params=(_HOST,),
        bare=("[Reboot|Restart] the [server|machine][ please|].",),
        gives=(_STATUS,),
        tells=("Done: {host} [is rebooting|is starting again].",),
    ),
    # Data, requests, observation.
    Intent(
        names=("query_table", "select_rows", "db_query", "queryDatabase", "run_query"),
        about=(
            "Query rows of a database table.",
            "Selects rows from a table in the database.",
        ),
        asks=(
            "[Show me|Get|Select|Give me] [the |some |]rows [of|from] the table {table}[ please|].",
            "[Query|Select from|Read from] the [database |]table {table}[ please|].",
            "What is in the [database |]table {table}?",
            "[select from|query table|db query] {table}",
            "[Get|Select|Show] {limit} rows from the table {table}[ please|].",
            "[Can|Could] you [query|look into] the table {table}[ for me|]?",
            "[I need data.|We lost an order.] [Look|Check] in our {table} table[ please|].",
        ),
        params=(
            _TABLE,
            Param("limit", "int", ("max_rows", "row_limit"), ("How many rows",), optional=True),
        ),
        bare=("[Query|Read from] the database[ please|].",),
        gives=(Param("first_row", "text"), Param("rows", "int")),
        tells=("[I got|There are] {rows} rows. [The first|First]: {first_row}",),
    ),
    Intent(
        names=("count_rows", "table_size", "row_count", "countRows"),
        about=("Count the rows of a table.", "Returns how many rows a database table has."),
        asks=(
            "[Count|Please count] the rows [of|in] [the table |table |]{table}.",
            "How many rows [are|do we have|are there] in [the table |]{table}?",
            "[count|count rows|row count] {table}",
            "[Can|Could] you count the [rows|records|entries] in {table}?",
            "How [big|large|long] is the [database |]table {table}[ by now|]?",
        ),
        params=(_TABLE,),
        bare=("[Count the rows|How many rows are there][ please|].",),
        gives=(Param("rows", "number_id"),),
        tells=("[The table |]{table} has {rows} rows.", "There are {rows} rows[ in {table}|]."),
    ),
    Intent(
        names=("backup_database", "db_backup", "create_backup", "backupDb"),
        about=("Back up a database.", "Makes a backup copy of a database."),
        asks=(
            "[Back up|Make a backup of|Create a backup of] the database {database}[ please|].",
            "[backup|db backup] {database}",
            "[Can|Could] you [back up|make a backup of] [the database |]{database}[ now|]?",
            "I [want|need] a [fresh |new |]backup of [the database |]{database}.",
            (
                "[Tonight we upgrade.|Better safe than sorry.] [Save a copy of|Secure] "
                "the database {database}."
            ),
        ),
        params=(Param("database", "pseudo", ("db", "db_name", "name"), ("Which database",)),),
        bare=("[Back up|Make a backup of] the database[ please|].",),
        gives=(Param("backup_id", "code"), Param("size_mb", "int")),
        tells=(
            "[Done|Ready]: the backup {backup_id} of {database} has {size_mb} MB.",
            "The backup is {backup_id}.",
        ),
    ),
    Intent(
        names=("restore_backup", "db_restore", "restoreDatabase", "recover_backup"),
        about=("Restore a database from a backup.", "Brings a backup back by its id."),
        asks=(
            "[Restore|Recover] [the |]backup {backup}[ please| now|].",
            "[Restore|Recover] the database from [the |]backup {backup}.",
            "restore {backup}",
            "[Can|Could] you restore [the |]backup {backup}[ for me|]?",
            "[We lost data.|Somebody deleted everything.] [Bring|Get] [the |]backup {backup} back.",
        ),
        params=(Param("backup", "code", ("backup_id", "id"), ("The id of the backup",)),),
        bare=("[Restore|Recover] the backup[ please|].",),
        gives=(Param("tables", "small_int"),),
        tells=("[Restored|Done]: {tables} tables are back from {backup}.",),
    ),
    Intent(
        names=("migrate_database", "run_migration", "db_migrate", "migrateSchema"),
        about=(
            "Migrate the database schema to a version.",
            "Runs the migrations of a database.",
        ),
        asks=(
            (
                "[Migrate|Upgrade] the [database|schema|database schema] to [version "
                "|]{version}[ please|]."
            ),
            "[Run|Apply] the [database |]migrations [up to|to] [version |]{version}.",
            "[migrate|db migrate] {version}",
            "[Can|Could] you [migrate the database|run the migrations] to {version}?",
            (
                "The [database |]schema is [old|behind|out of date]. [Bring it|Move "
                "it] to [version |]{version}."
            ),
        ),
        params=(Param("version", "version", ("target", "to_version"), ("The schema version",)),),
        bare=("[Migrate the database|Run the migrations][ please|].",),
        gives=(Param("applied", "small_int"),),
        tells=("[Done|Ready]: {applied} migrations ran, the schema is at {version}.",),
    ),
    Intent(
        names=("http_get", "get_request", "httpGet", "send_get", "call_endpoint"),
        about=(
            "Send an HTTP GET request to a URL.",
            "Calls an endpoint with GET and returns the status code.",
        ),
        asks=(
            "[Send|Make|Do] [a|an HTTP] GET request to {url}[ please|].",
            (
                "[What does|What status code does] {url} [answer|return|respond with] "
                "to a GET[ request|]?"
            ),
            "GET {url}",
            "[Can|Could] you [call|request] the endpoint {url} with GET?",
            "[Call|Try|Test] the [API |]endpoint {url}[ and tell me the status code|].",
            "Does the API at {url} [work|answer|respond]?",
        ),
        params=(_URL,),
        bare=("[Send|Make] a GET request[ please|].",),
        gives=(Param("code", "int"), Param("body", "text")),
        tells=("[The endpoint|It] answered with code {code}.", "Code {code}: {body}"),
    ),
    Intent(
        names=("http_post", "post_request", "httpPost", "send_post"),
        about=(
            "Send an HTTP POST request with a body.",
            "Posts data to a URL.",
        ),
        asks=(
            '[Post|Send|POST] "{body}" to [the endpoint |]{url}[ please|].',
            '[Make|Send|Do] a POST request to {url} with [the body |]"{body}".',
            "POST {url}: {body}",
            "[Can|Could] you post '{body}' to {url}[ for me|]?",
            '[The web hook|The hook] at {url} [should get|expects] [this body|this]: "{body}"',
        ),
        params=(
            _URL,
            Param("body", "sentence", ("data", "payload", "content"), ("What to send",)),
        ),
        bare=("[Send|Make] a POST request[ please|].",),
        gives=(Param("code", "int"),),
        tells=("[Sent|Done]: {url} answered with code {code}.",),
    ),
    Intent(
        names=("search_logs", "query_logs", "find_in_logs", "logSearch"),
        about=(
            "Search the logs of a service for a text.",
            "Finds log lines that contain a pattern.",
        ),
        asks=(
            "[Search|Look in|Go through] the logs of {service} for {pattern}[ please|].",
            "Is [there any |]{pattern} in the logs of {service}?",
            "logs {service} {pattern}",
            "[Can|Could] you [search|check] the {service} logs for {pattern}?",
            "How often [did|does] {service} log {pattern}[ today|]?",
            "[Find|Show me] [the |all |]log lines with {pattern} [from|of] {service}.",
        ),
        params=(
            _SERVICE,
            Param("pattern", "pattern", ("query", "text"), ("What to look for in the logs",)),
        ),
        bare=("[Search|Go through] the logs[ please|].",),
        gives=(Param("hits", "int"), Param("last_line", "text")),
        tells=("[There are|I found] {hits} lines with {pattern}. [Last|The last]: {last_line}",),
    ),
    Intent(
        names=("query_metrics", "get_metric", "metrics_query", "readMetric", "monitoring_query"),
        about=(
            "Query a metric of a service.",
            "Returns the value of a metric like latency or errors.",
        ),
        asks=(
            "[Show me|Get] the {metric} of [the service |]{service}[ please|].",
            "What is the {metric} of [the service |]{service}?",
            "[Query|Read] the metric {metric} [of|for] {service}[ please|].",
            "metric {service} {metric}",
            "[Can|Could] you [show|query|plot] the {metric} of {service}?",
            "How high is the {metric} [of|on] {service} [today|at the moment|now]?",
            "[Show me|Get] the {metric} of {service} [for|over] the last {window}.",
        ),
        params=(
            _SERVICE,
            Param(
                "metric",
                "word",
                ("metric_name", "measure"),
                ("Which metric",),
                ("latency", "throughput", "traffic", "load"),
            ),
            Param("window", "duration", ("period", "range"), ("How far back",), optional=True),
        ),
        bare=("[Query|Show me] the metrics[ please|].",),
        gives=(Param("value", "int"),),
        tells=("The {metric} of {service} is {value}.",),
    ),
    Intent(
        names=("open_incident", "create_incident", "declare_incident", "reportOutage"),
        about=(
            "Open an incident with a title.",
            "Declares an incident or outage with a severity.",
        ),
        asks=(
            '[Open|Declare|Create] [an|a new] incident[ please|]: "{title}", severity {severity}.',
            '[Open|Declare] a {severity} incident [called|named|with the title] "{title}".',
            "incident {severity}: {title}",
            "[Can|Could] you [open|declare] a {severity} incident '{title}'?",
            (
                "[Everything is down!|We have an outage.] [Raise the alarm|Page the "
                'team]: "{title}" ({severity}).'
            ),
        ),
        params=(
            Param("title", "title", ("summary", "name"), ("What has happened",)),
            Param(
                "severity",
                "word",
                ("level", "priority"),
                ("How bad it is",),
                ("minor", "major", "critical"),
            ),
        ),
        bare=("[Open|Declare] an incident[ please|].", "We have an outage."),
        gives=(Param("incident_id", "code"),),
        tells=("[Opened|Done]: incident {incident_id} is {severity}.",),
    ),
    Intent(
        names=("acknowledge_incident", "ack_incident", "ackAlert", "confirm_alert"),
        about=(
            "Acknowledge an incident or alert.",
            "Confirms that somebody has seen the incident.",
        ),
        asks=(
            (
                "[Acknowledge|Ack|Confirm] [the incident|incident|the alert|alert] "
                "{incident}[ please|]."
            ),
            "ack {incident}",
            "[Can|Could] you [acknowledge|ack|confirm] [incident|alert] {incident}[ for me|]?",
            "I [have seen|am looking at|take care of] [incident|the alert|alert] {incident}.",
            "[My phone won't stop ringing.|Silence, please.] I [got|saw] {incident}.",
        ),
        params=(Param("incident", "code", ("incident_id", "alert_id"), ("Which incident",)),),
        bare=("[Acknowledge|Ack] the [incident|alert][ please|].",),
        gives=(_STATUS,),
        tells=("Done: {incident} is acknowledged.",),
    ),
    Intent(
        names=("who_is_on_call", "get_on_call", "on_call_schedule", "onCall"),
        about=("Tell who is on call for a team.", "Returns the person on call on a day."),
        asks=(
            "Who is on call [for|in] [the team |]{team}[ please| now|]?",
            "[Show me|Get|Tell me] who is on call for {team}[ please|].",
            "[on call|oncall] {team}",
            "[Who has|Who is doing] on-call [duty |]for {team} {day}?",
            (
                "[It is an emergency.|The pager is silent.] Whom [can|do] I "
                "[call|wake] [from|in] team {team}?"
            ),
        ),
        params=(
            Param("team", "pseudo", ("team_name", "group"), ("Which team",)),
            Param("day", "day", ("date", "when"), ("On which day",), optional=True),
        ),
        bare=("Who is on call?",),
        gives=(Param("person", "person"), Param("phone", "phone")),
        tells=("{person} is on call[ for {team}|], phone {phone}.",),
    ),
    Intent(
        names=("toggle_feature_flag", "set_flag", "feature_flag", "switchFlag"),
        about=(
            "Turn a feature flag on or off.",
            "Toggles a feature flag of the product.",
        ),
        asks=(
            "[Turn|Switch] [the |][feature |]flag {flag} {state}[ please|].",
            "[Set|Put] the feature flag {flag} to {state}[ please|].",
            "flag {flag} {state}",
            "[Can|Could] you [switch|turn] [the feature|the flag] {flag} {state}[ for me|]?",
            (
                "[Users should not wait.|It is time.] [The flag|The feature] {flag} "
                "[goes|must be] {state}."
            ),
        ),
        params=(
            Param("flag", "identifier", ("flag_name", "feature", "key"), ("Which flag",)),
            Param("state", "word", ("value", "setting"), ("The new state",), ("on", "off")),
        ),
        bare=("[Toggle|Switch] the feature flag[ please|].",),
        gives=(_STATUS,),
        tells=("Done: {flag} is {state}[ now|].",),
    ),
    Intent(
        names=("rotate_secret", "rotate_key", "rotateSecret", "renew_secret"),
        about=(
            "Rotate a secret or key.",
            "Replaces a stored secret by a new one.",
        ),
        asks=(
            "[Rotate|Renew|Replace] the [secret|key|secret named] {name}[ please|].",
            "rotate [secret |]{name}",
            "[Can|Could] you rotate [the secret |the key |]{name}[ for me|]?",
            "[The secret|The key] {name} [leaked|is too old|was exposed].[ Rotate it.|]",
            "[Somebody saw|I posted by mistake] the [secret|password] {name}. We need a new one.",
        ),
        params=(Param("name", "identifier", ("secret", "secret_name", "key"), ("Which secret",)),),
        bare=("[Rotate|Renew] the [secret|key][ please|].",),
        gives=(Param("version", "small_int"),),
        tells=("[Rotated|Done]: {name} is at version {version}[ now|].",),
    ),
    Intent(
        names=("create_user_account", "add_user", "createUser", "new_account"),
        about=(
            "Create a user account.",
            "Adds a user with an email address and a role.",
        ),
        asks=(
            "[Create|Make|Add] [a|a new] user [account |]for {email} [as|with the role] {role}.",
            "[Add|Invite] {email} as {role}[ please|].",
            "add user {email} {role}",
            "[Can|Could] you [create|set up] an account for {email} with the role {role}?",
            (
                "[We have a new colleague.|Somebody joined the team.] {email} needs "
                "{role} [access|rights]."
            ),
        ),
        params=(
            Param("email", "email", ("mail", "address"), ("The email of the user",)),
            Param(
                "role", "word", ("group",), ("The role",), ("admin", "editor", "viewer", "guest")
            ),
        ),
        bare=("[Create|Add] a [new |]user[ please|].",),
        gives=(Param("user_id", "code"),),
        tells=("[Created|Done]: {email} is {role}, id {user_id}.",),
    ),
    Intent(
        names=("grant_permission", "set_permission", "grantAccess", "allow_access"),
        about=(
            "Grant a user a permission on a folder.",
            "Gives a person read or write access.",
        ),
        asks=(
            "[Give|Grant] {user} {level} [access|permission] [to|on] {folder}[ please|].",
            "Let {user} [have|get] {level} access to {folder}.",
            "grant {user} {level} {folder}",
            "[Can|Could] you [give|grant] {user} {level} [access|permission] to {folder}?",
            "{user} [needs|must have|asked for] {level} [access|rights] [on|to|in] {folder}.",
        ),
        params=(
            Param("user", "first_name", ("person", "username"), ("Who gets access",)),
            Param(
                "level",
                "word",
                ("permission", "access"),
                ("The kind of access",),
                ("read", "write", "full"),
            ),
            Param("folder", "folder", ("path", "resource"), ("On which folder",)),
        ),
        bare=("[Grant|Give] [a permission|somebody access].",),
        gives=(_STATUS,),
        tells=("Done: {user} has {level} access to {folder}.",),
    ),
    Intent(
        names=("revoke_access", "disable_user", "lock_account", "revokeUser"),
        about=("Disable the account of a user.", "Revokes all access of a user."),
        asks=(
            "[Disable|Lock|Block] the account [of |]{email}[ please| now|].",
            "[Revoke|Remove|Take away] [all |the ]access [of|from] {email}[ please|].",
            "[disable|lock] {email}",
            "[Can|Could] you [disable|lock] the account {email}[ for me|]?",
            "{email} [left the company|was hacked|may not log in any more].[ Lock the account.|]",
        ),
        params=(Param("email", "email", ("user", "account"), ("The account",)),),
        bare=("[Disable|Lock] the account[ please|].",),
        gives=(Param("sessions", "small_int"),),
        tells=("[Locked|Done]: {email} has no access, {sessions} sessions ended.",),
    ),
    # Packages and code.
    Intent(
        names=("install_package", "add_dependency", "pip_install", "installPackage"),
        about=(
            "Install a package by its name.",
            "Adds a dependency to the project.",
        ),
        asks=(
            "[Install|Add] the [package|library] {package}[ please|].",
            "[Install|Add] {package} [in |]version {version}[ please|].",
            "[install|add] {package}",
            "[Can|Could] you [install|add] [the package |the library |]{package}[ for me|]?",
            "[I|We] [need|want to use] [the package|the library|the module] {package}.",
            "[The import fails.|A module is missing.] [Get|Fetch] the package {package}[ please|].",
        ),
        params=(
            _PACKAGE,
            Param("version", "version", ("ver",), ("Which version",), optional=True),
        ),
        bare=("[Install|Add] a package[ please|].",),
        gives=(Param("installed_version", "version"),),
        tells=("[Installed|Done]: {package} {installed_version}.",),
    ),
    Intent(
        names=("upgrade_package", "update_dependency", "upgradePackage", "bump_package"),
        about=(
            "Upgrade a package to its latest version.",
            "Updates an installed dependency.",
        ),
        asks=(
            "[Upgrade|Update|Bump] [the package |the dependency |]{package}[ please|].",
            "[Upgrade|Update|Bump] {package} to [version |]{version}[ please|].",
            "[upgrade|bump] {package}",
            "[Can|Could] you [upgrade|update|bump] [the package |]{package}[ for me|]?",
            "[Our version of|Our copy of] {package} is [old|out of date|too old].",
            "I want the [latest|newest] {package}[ in the project|].",
        ),
        params=(
            _PACKAGE,
            Param("version", "version", ("to_version",), ("The new version",), optional=True),
        ),
        bare=("[Upgrade|Update] the package[ please|].",),
        gives=(Param("old_version", "version"), Param("new_version", "version")),
        tells=("[Upgraded|Done]: {package} went from {old_version} to {new_version}.",),
    ),
    Intent(
        names=("uninstall_package", "remove_dependency", "removePackage", "pip_uninstall"),
        about=("Uninstall a package by its name.", "Removes a dependency from the project."),
        asks=(
            "[Uninstall|Remove] the [package|dependency|library] {package}[ please|].",
            "uninstall {package}",
            "[Can|Could] you [uninstall|remove] the [package|dependency] {package}?",
            "[We|I] [no longer|don't] [need|use] the [package|library] {package}[ any more|].",
            "[Get rid of|Throw out] the [dependency|package] {package}.",
        ),
        params=(_PACKAGE,),
        bare=("[Uninstall|Remove] a [package|dependency][ please|].",),
        gives=(_STATUS,),
        tells=("Done: {package} [is removed|is gone].",),
    ),
    Intent(
        names=("audit_dependencies", "dependency_audit", "security_audit", "scanDependencies"),
        about=(
            "Audit the dependencies for known vulnerabilities.",
            "Checks all packages of the project for security problems.",
        ),
        asks=(
            "[Audit|Check|Scan] [the|our|all] dependencies[ please| for vulnerabilities|].",
            "[Run|Do|Start] a [dependency|security] audit[ please| of the packages|].",
            "[audit|dependency audit|security audit]",
            "Do our [packages|dependencies] have [known |]vulnerabilities?",
            "[Can|Could] you audit the [packages|dependencies][ of the project|]?",
            "[Are we|Is our software|Is the project] [safe|secure][ to ship|]?",
        ),
        gives=(Param("vulnerabilities", "small_int"), Param("checked", "int")),
        tells=("[I checked|Checked] {checked} packages: {vulnerabilities} have vulnerabilities.",),
    ),
    Intent(
        names=("find_definition", "go_to_definition", "gotoDefinition", "where_defined"),
        about=(
            "Find where a symbol is defined.",
            "Jumps to the definition of a function or class.",
        ),
        asks=(
            "Where is {name} defined[ in the code|]?",
            "[Find|Show me|Go to|Jump to] the definition of {name}[ please|].",
            "[definition|def|define] {name}",
            "[Can|Could] you [find|show me] the definition of {name}?",
            "[In which file|Where] does {name} live?",
            "[Which|What] file [defines|declares|implements] {name}?",
        ),
        params=(_NAME,),
        bare=("[Find|Show me] the definition[ please|].",),
        gives=(Param("file", "path"), Param("line", "int")),
        tells=("{name} is defined in {file}, line {line}.", "[It is in|See] {file}, line {line}."),
    ),
    Intent(
        names=("find_references", "findReferences", "find_usages", "who_calls"),
        about=(
            "Find all references to a symbol.",
            "Lists the places where a function is used or called.",
        ),
        asks=(
            "[Find|List|Show me] [all |the |]references [to|of] {name}[ please|].",
            "Where is {name} [used|called|referenced][ in the code|]?",
            "[references|usages|refs] {name}",
            "[Can|Could] you find [all |the |][usages of|calls of|references to] {name}?",
            "Who [calls|uses|needs] {name}[ in our code|]?",
            "[Can I delete|Is it safe to delete|Is anybody still using] {name}?",
        ),
        params=(_NAME,),
        bare=("[Find|List] all references[ please|].",),
        gives=(Param("count", "int"), Param("first_file", "path")),
        tells=("{name} is used {count} times, [first|for example] in {first_file}.",),
    ),
    Intent(
        names=("rename_symbol", "renameSymbol", "refactor_rename", "rename_function"),
        about=(
            "Rename a symbol in the whole project.",
            "Renames a function, class or variable everywhere.",
        ),
        asks=(
            "[Rename|Refactor] [the symbol |the function |the variable |]{old} to {new}[ please|].",
            "[Change|Refactor] the name of [the function |the class |]{old} to {new}.",
            "rename {old} {new}",
            "[Can|Could] you rename [the function |the class |]{old} to {new}[ for me|]?",
            "{old} is a [bad|poor|stupid|misleading] name. [Call it|It should be] {new}.",
            "[The function|The class] {old} [should|must] be [called|named] {new}[ from now on|].",
        ),
        params=(
            Param("old", "identifier", ("old_name", "symbol", "from_name"), ("The name now",)),
            Param("new", "identifier", ("new_name", "to_name"), ("The new name",)),
        ),
        bare=("Rename [a|the] [symbol|function][ please|].",),
        gives=(Param("changed", "int"),),
        tells=("[Renamed|Done]: {old} is {new} in {changed} places.",),
    ),
    Intent(
        names=("generate_docs", "build_docs", "make_documentation", "generateDocs"),
        about=(
            "Generate the documentation of a folder.",
            "Builds docs from the source code.",
        ),
        asks=(
            "[Generate|Build|Make|Create] the [docs|documentation] [for|of] {folder}[ please|].",
            "[docs|generate docs] {folder}",
            "[Can|Could] you [generate|write] [docs|documentation] for {folder}?",
            "[Generate|Build] {format} [docs|documentation] for {folder}[ please|].",
            (
                "[Nobody understands|New people get lost in] {folder}. [It needs|We "
                "need] [docs|a manual]."
            ),
        ),
        params=(
            _FOLDER,
            Param(
                "format",
                "word",
                ("output", "type"),
                ("The format",),
                ("html", "markdown", "pdf"),
                optional=True,
            ),
        ),
        bare=("[Generate|Build] the [docs|documentation][ please|].",),
        gives=(Param("pages", "int"),),
        tells=("[Ready|Done]: the documentation of {folder} has {pages} pages.",),
    ),
    # Files.
    Intent(
        names=("copy_file", "copyFile", "cp", "duplicate_file"),
        about=("Copy a file to a folder.", "Makes a copy of a file in another place."),
        asks=(
            "[Copy|Duplicate] [the file |]{source} [to|into] [the folder |]{target}[ please|].",
            "[Make|Create] a copy of {source} in {target}.",
            "cp {source} {target}",
            "[Can|Could] you copy [the file |]{source} [to|into] {target}[ for me|]?",
            "[I need|We need|I want] {source} in {target} [too|as well|also].",
        ),
        params=(
            Param("source", "path", ("src", "from_path", "file"), ("The file to copy",)),
            Param("target", "folder", ("dst", "destination", "to_folder"), ("Where to",)),
        ),
        bare=("[Copy|Duplicate] [a|the] file[ please|].",),
        gives=(_STATUS,),
        tells=("[Copied|Done]: {source} is in {target} too.",),
    ),
    Intent(
        names=("move_file", "moveFile", "mv", "relocate_file"),
        about=("Move a file to another folder.", "Moves a file to a new place."),
        asks=(
            "[Move|Relocate] [the file |]{source} [to|into] [the folder |]{target}[ please|].",
            "mv {source} {target}",
            "[Can|Could] you move [the file |]{source} [to|into] {target}[ for me|]?",
            "{source} is in the wrong [place|folder]. It [belongs in|should be in] {target}.",
            "[Take|Get] {source} and [put|drop] it into {target}[ please|].",
        ),
        params=(
            Param("source", "path", ("src", "from_path", "file"), ("The file to move",)),
            Param("target", "folder", ("dst", "destination", "to_folder"), ("The new place",)),
        ),
        bare=("[Move|Relocate] [a|the] file[ please|].",),
        gives=(_STATUS,),
        tells=("[Moved|Done]: {source} is in {target}[ now|].",),
    ),
    Intent(
        names=("delete_file", "remove_file", "deleteFile", "rm"),
        about=("Delete a file from the project.", "Removes a file from the disk."),
        asks=(
            "[Delete|Remove|Erase] [the file |]{path}[ please| from the disk|].",
            "[rm|delete] {path}",
            "[Can|Could] you [delete|remove|erase] [the file |]{path}[ for me|]?",
            "[Nobody needs|We don't need|I don't need] [the file |]{path} [any more|now].",
            "[Get rid of|Throw away] [the file |]{path}[ please|].",
        ),
        params=(_PATH,),
        bare=("[Delete|Remove] [a|the] file[ please|].",),
        gives=(_STATUS,),
        tells=("[Deleted|Done]: {path} is gone.",),
    ),
    Intent(
        names=("make_folder", "create_directory", "mkdir", "createFolder", "new_folder"),
        about=("Create a new folder.", "Makes a directory at a path."),
        asks=(
            (
                "[Create|Make|Add] [a|a new|the] [folder|directory] [named |called "
                "|]{folder}[ please|]."
            ),
            "mkdir {folder}",
            "[Can|Could] you [create|make] the [folder|directory] {folder}[ for me|]?",
            "I need a [new |][folder|directory][ called| named|:] {folder}",
            "There [should|must] be a [folder|directory] {folder}[, please make it|].",
        ),
        params=(_FOLDER,),
        bare=("[Create|Make] a [new |]folder[ please|].",),
        gives=(_STATUS,),
        tells=("[Created|Done]: the folder {folder} exists[ now|].",),
    ),
    Intent(
        names=("file_size", "get_file_size", "fileSize", "stat_file"),
        about=("Get the size of a file.", "Returns how many bytes a file has."),
        asks=(
            "[Tell me|Get] the size of [the file |]{path}[ please|].",
            "What is the size of [the file |]{path}?",
            "How [big|large|long] is [the file |]{path}?",
            "[size|file size|stat] {path}",
            "[Can|Could] you [check|tell me] the size of {path}?",
            "How many bytes [has|are in|are there in] {path}?",
            "Is {path} [small enough|too heavy|too big] [to mail|to send|to upload]?",
        ),
        params=(_PATH,),
        bare=("[What is the size of|How big is] the file?",),
        gives=(Param("bytes", "number_id"),),
        tells=("{path} has {bytes} bytes.", "[It is|The file is] {bytes} bytes long."),
    ),
    Intent(
        names=("file_checksum", "checksum", "hash_file", "sha256sum", "fileHash"),
        about=("Compute the checksum of a file.", "Returns the hash of a file."),
        asks=(
            "[Compute|Calculate|Get|Show me] the [checksum|hash] of [the file |]{path}[ please|].",
            "What is the [checksum|hash] of {path}?",
            "[checksum|hash|sha256] {path}",
            "[Can|Could] you [hash|compute the checksum of] {path}[ for me|]?",
            "[Get|Compute] the {algorithm} [checksum|hash] of {path}[ please|].",
            "Was {path} [damaged|altered|tampered with] [on the way|in the transfer]?",
        ),
        params=(
            _PATH,
            Param(
                "algorithm",
                "word",
                ("method", "type"),
                ("Which algorithm",),
                ("md5", "sha1", "sha256"),
                optional=True,
            ),
        ),
        bare=("[Compute|Get] the checksum[ please|].",),
        gives=(Param("hash", "code"),),
        tells=("The [checksum|hash] of {path} is {hash}.",),
    ),
    Intent(
        names=("count_lines", "line_count", "wc", "countLines"),
        about=("Count the lines of a file.", "Returns how many lines a source file has."),
        asks=(
            "[Count|Please count] the lines [of|in] [the file |]{path}.",
            "How many lines [are in|are there in|of code are in] {path}?",
            "[wc|count lines|lines] {path}",
            "[Can|Could] you count the lines [of|in] {path}[ for me|]?",
            "Tell me how many lines {path} has[ please|].",
        ),
        params=(_PATH,),
        bare=("[Count the lines|How many lines are there][ please|].",),
        gives=(Param("lines", "int"),),
        tells=("{path} has {lines} lines.", "There are {lines} lines[ in it| in {path}|]."),
    ),
    Intent(
        names=("create_archive", "zip_folder", "compress_folder", "makeArchive"),
        about=(
            "Compress a folder into an archive.",
            "Packs a folder into a zip or tar file.",
        ),
        asks=(
            "[Compress|Pack|Archive] the folder {folder} as {format}[ please|].",
            "[Make|Create] a {format} [archive|file] of [the folder |]{folder}[ please|].",
            "archive {folder} {format}",
            "[Can|Could] you [pack|compress|archive] {folder} as {format}[ for me|]?",
            "I want to [mail|send|upload] {folder} as one {format} [file|archive].",
        ),
        params=(
            _FOLDER,
            Param("format", "word", ("type", "kind"), ("The kind of archive",), ("zip", "tar")),
        ),
        bare=("[Compress|Pack|Archive] [a|the] folder[ please|].",),
        gives=(Param("archive", "filename"), Param("size_kb", "int")),
        tells=("[Packed|Done]: {archive} has {size_kb} KB.", "{folder} is in {archive}[ now|]."),
    ),
    Intent(
        names=("extract_archive", "unzip", "unpack", "extractArchive"),
        about=("Extract an archive to a folder.", "Unpacks an archive file into a folder."),
        asks=(
            (
                "[Extract|Unpack|Unzip] [the archive |the file |]{archive} [to|into] "
                "{folder}[ please|]."
            ),
            "[unzip|extract|unpack] {archive} {folder}",
            "[Can|Could] you [extract|unpack|unzip] {archive} [to|into] {folder}?",
            "[Put|Place] the [contents|files] of the archive {archive} into {folder}.",
            "[The download is done.|I got an archive.] Open up {archive} [in|into] {folder}.",
        ),
        params=(
            Param("archive", "filename", ("file", "archive_path"), ("The archive",)),
            Param("folder", "folder", ("target", "destination"), ("Where to put the files",)),
        ),
        bare=("[Extract|Unpack|Unzip] the archive[ please|].",),
        gives=(Param("files", "int"),),
        tells=("[Extracted|Done]: {files} files are in {folder}.",),
    ),
    Intent(
        names=("compare_files", "diff_files", "compareFiles", "files_equal"),
        about=("Compare two files line by line.", "Tells how many lines of two files differ."),
        asks=(
            "[Compare|Diff] [the files |the two files |]{first} and {second}[ please|].",
            "Are {first} and {second} [equal|the same|identical]?",
            "compare {first} {second}",
            "[Can|Could] you compare {first} [with|to|and] {second}[ for me|]?",
            "[What is the difference|How many lines differ] between {first} and {second}?",
        ),
        params=(
            Param("first", "path", ("file_a", "left", "path_a"), ("The first file",)),
            Param("second", "path", ("file_b", "right", "path_b"), ("The second file",)),
        ),
        bare=("Compare [two|the] files[ please|].",),
        gives=(Param("different_lines", "int"),),
        tells=("{different_lines} lines differ between {first} and {second}.",),
    ),
    # Settings, jobs, queues.
    Intent(
        names=("set_env_var", "set_variable", "setEnv", "export_variable"),
        about=("Set an environment variable.", "Gives an environment variable a value."),
        asks=(
            "[Set|Change] the [environment |env |]variable {name} to {value}[ please|].",
            "export {name}={value}",
            "[Can|Could] you set [the environment variable |the env variable |]{name} to {value}?",
            "[The environment variable|The variable] {name} [should|must] be {value}.",
            "[Put|Add] {name} with the value {value} [into|to] the environment.",
        ),
        params=(
            Param("name", "identifier", ("variable", "key", "var"), ("The variable",)),
            Param("value", "word", ("new_value", "content"), ("Its value",)),
        ),
        bare=("Set [an|the] environment variable[ please|].",),
        gives=(_STATUS,),
        tells=("[Set|Done]: {name} is {value}[ now|].",),
    ),
    Intent(
        names=("get_env_var", "read_variable", "getEnv", "show_variable"),
        about=("Get the value of an environment variable.", "Reads a variable of the environment."),
        asks=(
            "[Show me|Get|Read] the [environment |env |]variable {name}[ please|].",
            "What is the [environment |env |]variable {name}?",
            "[What value has|What is the value of] the [environment |]variable {name}?",
            "[echo|env|getenv] {name}",
            "[Can|Could] you [read|show me|look up] the [environment |]variable {name}?",
            "To what is {name} set [here|in the environment|on this machine]?",
        ),
        params=(Param("name", "identifier", ("variable", "key", "var"), ("The variable",)),),
        bare=("[Get|Read|Show me] an environment variable.",),
        gives=(Param("value", "word"),),
        tells=("{name} is {value}.", "[Its value is|The value is] {value}."),
    ),
    Intent(
        names=("create_cron_job", "schedule_job", "add_cron", "cronCreate"),
        about=(
            "Create a cron job that runs a command every day.",
            "Schedules a command for a time of day.",
        ),
        asks=(
            "[Run|Execute|Start] `{command}` [every day|daily|each day] at {time}[ please|].",
            "[Create|Add|Make] a cron job [for|that runs] `{command}` at {time}.",
            "cron {time} {command}",
            "[Can|Could] you schedule `{command}` [for|at] {time} [every day|daily|each day]?",
            (
                "[I forget it all the time.|Make it automatic.] Each day at {time}, "
                "[do|run] `{command}`."
            ),
        ),
        params=(
            Param("command", "command", ("cmd", "job"), ("The command to run",)),
            Param("time", "time", ("at", "schedule"), ("The time of day",)),
        ),
        bare=("[Create|Add] a cron job[ please|].",),
        gives=(Param("job_id", "code"),),
        tells=("[Scheduled|Done]: job {job_id} runs [daily|every day] at {time}.",),
    ),
    Intent(
        names=("list_cron_jobs", "crontab", "show_schedule_jobs", "cronList"),
        about=("List the cron jobs of a host.", "Shows the scheduled jobs of a server."),
        asks=(
            "[List|Show me|Get] the [cron jobs|scheduled jobs] [of|on] {host}[ please|].",
            "[Which|What] [cron jobs|scheduled jobs] [run|are there] on {host}?",
            "[crontab|cron jobs] {host}",
            "[Can|Could] you [list|show] the cron jobs [of|on] {host}[ for me|]?",
            "What does {host} do [at night|by itself|on a schedule]?",
        ),
        params=(_HOST,),
        bare=("[List|Show me] the cron jobs[ please|].",),
        gives=(Param("jobs", "small_int"), Param("next_at", "time")),
        tells=("{host} has {jobs} cron jobs, the next one runs at {next_at}.",),
    ),
    Intent(
        names=("queue_length", "get_queue_size", "queue_status", "queueDepth"),
        about=(
            "Get the length of a queue.",
            "Tells how many messages wait in a queue.",
        ),
        asks=(
            "[Show me|Get] the [length|size] of the queue {queue}[ please|].",
            "What is the [length|size] of the queue {queue}?",
            "How many [messages|jobs|items] [are|wait] in the queue {queue}?",
            "[queue|queue length] {queue}",
            "[Can|Could] you check the [length|size] of the queue {queue}?",
            "Is the [message |]queue {queue} [empty|full|too long]?",
            (
                "[Things are late today.|Messages are slow.] How much is "
                "[waiting|piled up] in {queue}?"
            ),
        ),
        params=(Param("queue", "word", ("queue_name", "name"), ("Which queue",)),),
        bare=("[How long is|What is in] the queue?",),
        gives=(Param("waiting", "int"),),
        tells=("{waiting} messages wait in [the queue |]{queue}.",),
    ),
    Intent(
        names=("purge_queue", "empty_queue", "purgeQueue", "drop_messages"),
        about=("Purge a queue by its name.", "Deletes all messages that wait in a queue."),
        asks=(
            "[Purge|Empty|Clean out] the queue {queue}[ please| now|].",
            "purge {queue}",
            "[Can|Could] you [purge|empty] the queue {queue}[ for me|]?",
            "[Delete|Drop|Throw away] [all|the] messages in the queue {queue}.",
            "The queue {queue} is full of [junk|old messages|rubbish].[ Empty it.|]",
        ),
        params=(Param("queue", "word", ("queue_name", "name"), ("Which queue",)),),
        bare=("[Purge|Empty] the queue[ please|].",),
        gives=(Param("dropped", "int"),),
        tells=("[Purged|Done]: {dropped} messages were dropped from {queue}.",),
    ),
    Intent(
        names=("clear_cache", "flush_cache", "clearCache", "invalidate_cache"),
        about=("Clear a cache by its name.", "Deletes all entries of a cache."),
        asks=(
            "[Clear|Flush|Empty|Invalidate] the {cache} cache[ please| now|].",
            "[Clear|Flush] the cache [named |called |]{cache}[ please|].",
            "[clear cache|flush cache|flush] {cache}",
            "[Can|Could] you [clear|flush|empty] the {cache} cache[ for me|]?",
            (
                "[Users see old data.|I still get the old version.] Is the {cache} "
                "cache stale? Clear it."
            ),
        ),
        params=(Param("cache", "word", ("cache_name", "name"), ("Which cache",)),),
        bare=("[Clear|Flush] the cache[ please|].",),
        gives=(Param("entries", "int"),),
        tells=("[Cleared|Done]: {entries} entries left the {cache} cache.",),
    ),
    Intent(
        names=("create_snapshot", "take_snapshot", "snapshotVolume", "make_snapshot"),
        about=("Take a snapshot of a host.", "Creates a snapshot of the disk of a machine."),
        asks=(
            "[Take|Create|Make] a snapshot of {host}[ please| now|].",
            "snapshot {host}",
            "[Can|Could] you [take|make] a snapshot of [the machine |the server |]{host}?",
            "I [want|need] a [fresh |]snapshot of {host}[ before the upgrade|].",
            "[Take|Make] a snapshot of {host} called '{label}'[ please|].",
            (
                "[Freeze|Keep] the [present|current] state of the machine {host}[, so "
                "we can go back|]."
            ),
        ),
        params=(
            _HOST,
            Param("label", "title", ("name", "title"), ("A name for it",), optional=True),
        ),
        bare=("[Take|Create] a snapshot[ please|].",),
        gives=(Param("snapshot_id", "code"),),
        tells=("[Taken|Done]: the snapshot [of {host} |]is {snapshot_id}.",),
    ),
    Intent(
        names=("get_ticket_status", "get_ticket", "read_ticket", "lookupTicket"),
        about=("Get the status of a ticket.", "Shows a support ticket by its id."),
        asks=(
            "[Show me|Get|Check] the status of ticket {ticket}[ please|].",
            "What is the status of ticket {ticket}?",
            "[Show|Open|Look up] [the |]ticket {ticket}[ for me|].",
            "ticket {ticket}",
            "[Can|Could] you [show me|look up|check] [the |]ticket {ticket}?",
            "[How is it going|What is happening|Any news] with ticket {ticket}?",
            "Did anybody work on {ticket}[ yet| by now|]?",
        ),
        params=(Param("ticket", "code", ("ticket_id", "id"), ("The id of the ticket",)),),
        bare=("[Show me|Look up] [a|the] ticket[ please|].",),
        gives=(
            Param("status", "word", enum=("open", "waiting", "solved")),
            Param("owner", "first_name"),
        ),
        tells=("[Ticket |]{ticket} is {status}, {owner} has it.",),
    ),
    Intent(
        names=("move_ticket", "update_ticket", "set_ticket_state", "transitionTicket"),
        about=(
            "Move a ticket to another state on the board.",
            "Updates the state of a ticket.",
        ),
        asks=(
            "[Move|Set|Change] [the |]ticket {ticket} to {state}[ please|].",
            "[Put|Move] [the |]ticket {ticket} into [the column |]{state}[ please|].",
            "move {ticket} {state}",
            "[Can|Could] you [move|set] [the ticket |ticket |]{ticket} to {state}[ for me|]?",
            "[On the board, |]{ticket} [should|must] be [in |]{state}[ now|].",
        ),
        params=(
            Param("ticket", "code", ("ticket_id", "key"), ("Which ticket",)),
            Param(
                "state",
                "word",
                ("status", "column"),
                ("The new state",),
                ("todo", "doing", "review", "done"),
            ),
        ),
        bare=("[Move|Update] the ticket[ please|].",),
        gives=(_STATUS,),
        tells=("[Moved|Done]: {ticket} is in {state}[ now|].",),
    ),
    Intent(
        names=("create_sprint_task", "create_ticket", "openTicket", "new_ticket"),
        about=(
            "Create a ticket with a title for a person.",
            "Opens a ticket on the board and gives it to somebody.",
        ),
        asks=(
            '[Create|Open|Make] a ticket "{title}" for {owner}[ please|].',
            "new ticket for {owner}: {title}",
            '[Can|Could] you [create|open] a ticket for {owner} [called|named] "{title}"?',
            "{owner} [gets|needs|should get] a [new |]ticket[ on the board|]: '{title}'",
            '[Put|Write] "{title}" on the board for {owner}[ please|].',
        ),
        params=(
            Param("title", "title", ("summary", "name"), ("The title of the ticket",)),
            Param("owner", "first_name", ("assignee", "person"), ("Who gets it",)),
        ),
        bare=("[Create|Open] a ticket[ please|].",),
        gives=(Param("ticket_id", "code"),),
        tells=('[Created|Done]: ticket {ticket_id} "{title}" is for {owner}.',),
    ),
)
