using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Wspy.Tool.Terminal;

/// <summary>Writes each event as one line, its time first.</summary>
internal sealed class TerminalLogger(IAnsiConsole console, LogLevel minimum, TimeProvider time) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string text = formatter(state, exception);
        if (exception is not null)
        {
            text = $"{text} ({exception.GetType().Name}: {exception.Message})";
        }

        (string label, string colour) = logLevel switch
        {
            LogLevel.Trace => ("trace", "grey"),
            LogLevel.Debug => ("debug", "grey"),
            LogLevel.Information => ("info ", "green"),
            LogLevel.Warning => ("warn ", "yellow"),
            _ => ("error", "red"),
        };
        string line = $"[grey]{time.GetLocalNow():HH:mm:ss.fff}[/] [{colour}]{label}[/] {Markup.Escape(Printable.From(text))}";

        // Events come from a thread per client, and a line is several writes to the console.
        lock (console)
        {
            console.MarkupLine(line);
        }
    }
}
