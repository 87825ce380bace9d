using Microsoft.Extensions.Logging;

namespace Wspy.Tool.Terminal;

/// <summary>Gives the library and the commands one log on the terminal.</summary>
/// <param name="command">The least level of what a command itself has to tell.</param>
/// <param name="library">The least level of the library's events.</param>
internal sealed class TerminalLoggerFactory(LogLevel command, LogLevel library) : ILoggerFactory
{
    private const string CommandPrefix = "Wspy.Tool.";

    public ILogger CreateLogger(string categoryName)
    {
        bool own = categoryName.StartsWith(CommandPrefix, StringComparison.Ordinal);
        return new TerminalLogger(Screen.Output, own ? command : library, TimeProvider.System);
    }

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("The log of the terminal goes to the terminal only.");

    public void Dispose()
    {
    }
}
