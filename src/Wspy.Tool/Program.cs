using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Wspy.Tool.Bench;
using Wspy.Tool.Conform;
using Wspy.Tool.Echo;

// Not a RootCommand, whose name is that of the program's file: wspy runs by that name, as a .dll, and by dotnet run.
Command wspy = new("wspy", "WebSockets at the terminal.")
{
    new HelpOption(),
    new VersionOption(),
    EchoCommand.Create(),
    ConformCommand.Create(),
    BenchCommand.Create(),
};
// A word that begins with @ is the name of an abstract socket here, and no file of further options.
ParseResult parsed = wspy.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction mistake && args.Length > 0)
{
    // The line that names the mistake would scroll away above a page of help.
    mistake.ShowHelp = false;
}

// After Ctrl-C a command may still have something to tell, and a busy machine to tell it on.
int exitCode = parsed.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });

// 1 is what a verb says of its work; a command line that nobody understands has done none.
return parsed.Action is ParseErrorAction ? 2 : exitCode;
