using System.CommandLine;
using System.CommandLine.Invocation;
using Wspy.Tool.Echo;

RootCommand wspy = new("WebSockets at the terminal.")
{
    EchoCommand.Create(),
};
ParseResult parsed = wspy.Parse(args);
if (parsed.Action is ParseErrorAction mistake && args.Length > 0)
{
    // The line that names the mistake would scroll away above a page of help.
    mistake.ShowHelp = false;
}

return parsed.Invoke();
