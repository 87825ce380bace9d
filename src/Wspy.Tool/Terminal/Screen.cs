using Spectre.Console;

namespace Wspy.Tool.Terminal;

/// <summary>The two consoles of the process. Colours and the line's end follow the terminal, <c>NO_COLOR</c> included.</summary>
internal static class Screen
{
    // A pipe or a file has no width, and lines folded at a guessed one would be hard to search.
    private const int WidthWithoutTerminal = 4096;

    public static IAnsiConsole Output { get; } = Create(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Says in one line on standard error why the command ends.</summary>
    public static void Fail(string message) => Error.MarkupLineInterpolated($"[red]wspy:[/] {message}");

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (redirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }

        return console;
    }
}
