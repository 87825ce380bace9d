using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Wspy.Tests.ServerTests;

/// <summary>This assembly as a small server program: what a test starts to send signals to, or to take descriptors from. Its warnings are lines of its output.</summary>
internal static class ChildServer
{
    /// <summary>The environment variable that makes the process a server instead of a test run, and names the engine.</summary>
    public const string Variable = "WSPY_TESTS_CHILD_SERVER";

#pragma warning disable CA2255 // The test runner owns the entry point, and must not run in the child.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfChild()
    {
        if (!Enum.TryParse(Environment.GetEnvironmentVariable(Variable), out ServerEngine engine))
        {
            return;
        }

        using var log = new ConsoleLog();
        var options = new ServerOptions { Port = 0, LoggerFactory = log, Poller = engine == ServerEngine.Portable ? PollerKind.Portable : PollerKind.Auto };
        using WebSocketServer server = engine == ServerEngine.Threads ? new Threaded(options) : new Looping(options);
        server.Start();
        Console.WriteLine(server.EndPoint.Port);
        server.Run();
        Environment.Exit(0);
    }

    private sealed class Threaded(ServerOptions options) : Wspy.Server(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }

    private sealed class Looping(ServerOptions options) : AsyncServer(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }

    private sealed class ConsoleLog : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Console.WriteLine(formatter(state, exception));
            }
        }

        public void Dispose()
        {
            // Nothing to give back.
        }
    }
}
