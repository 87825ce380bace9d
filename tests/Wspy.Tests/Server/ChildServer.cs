using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Wspy.Tests.ServerTests;

/// <summary>This assembly as a small server program: what a test starts to send signals to.</summary>
internal static class ChildServer
{
    /// <summary>The environment variable that makes the process a server instead of a test run.</summary>
    public const string Variable = "WSPY_TESTS_CHILD_SERVER";

    /// <summary>Its value for a server on a socket that the process was started with. Else it is the <see cref="ServerEngine"/>.</summary>
    public const string Inherited = "inherited";

    /// <summary>A message that is not echoed: the answer is how many bytes of managed memory are in use.</summary>
    public const string Memory = "memory?";

#pragma warning disable CA2255 // The test runner owns the entry point, and must not run in the child.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfChild()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } what)
        {
            return;
        }

        ServerEngine engine = Enum.TryParse(what, out ServerEngine given) ? given : ServerEngine.Threads;
        var options = new ServerOptions
        {
            Port = 0,
            ListenOn = what == Inherited ? [ListenAddress.Inherited("test")] : null,
            Poller = engine == ServerEngine.Portable ? PollerKind.Portable : PollerKind.Auto,
            LoggerFactory = new Warnings(),
        };
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
        protected override void OnMessage(Client client, MessageView message)
        {
            if (message.IsText && message.GetText() == Memory)
            {
                client.Send($"{GC.GetTotalMemory(forceFullCollection: true)}");
            }
            else
            {
                client.Send(message);
            }
        }
    }

    // A line of the output each.
    private sealed class Warnings : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Console.WriteLine($"{formatter(state, exception)}: {exception?.Message}");

        public void Dispose()
        {
        }
    }
}
