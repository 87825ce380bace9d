using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Wspy;

/// <summary>The application's logger, whose exceptions reach nobody: it is called in the middle of serving clients that have nothing to do with it.</summary>
/// <remarks>
/// Safe from any thread, as the logger below is. What would follow otherwise: the end of a loop's thread, and the process with it; nobody accepted any
/// more; a server that cannot be stopped.
/// </remarks>
internal sealed class GuardedLogger : ILogger
{
    private readonly ILogger _inner;

    private GuardedLogger(ILogger inner) => _inner = inner;

    /// <summary>A logger for a class; the one that the factory makes when it is known to do nothing.</summary>
    public static ILogger Create<T>(ILoggerFactory factory) => factory is NullLoggerFactory ? NullLogger.Instance : new GuardedLogger(factory.CreateLogger<T>());

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            // Whatever it is, a log that fails has no log to be told in.
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            _inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // As above. That includes what the application's own types throw when they are formatted.
        }
    }
}
