using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>What others do with a server from the moment at which it listens.</summary>
public abstract class ServerStartTests(ServerEngine engine)
{
    [Fact]
    public async Task It_may_be_stopped_while_it_starts()
    {
        Task stopping = Task.CompletedTask;
        using var log = new ListeningLog();
        using WebSocketServer server = Create(log);
        log.WhenListening = () =>
        {
            stopping = server.StopAsync();

            // It cannot end before there are threads to end; this is for one that fails over there being none.
            Task.WhenAny(stopping, Task.Delay(200)).GetAwaiter().GetResult();
        };
        server.Start();
        await stopping.WaitAsync(Link.Limit);
        await Task.Run(() => server.Run()).WaitAsync(Link.Limit);
        Assert.Throws<ObjectDisposedException>(server.Start);
    }

    [Fact]
    public async Task It_may_be_given_a_client_while_it_starts()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var raw = new RawClient((IPEndPoint)listener.LocalEndPoint!);
        Socket accepted = await listener.AcceptAsync();
        using var log = new ListeningLog();
        await using WebSocketServer server = Create(log);
        log.WhenListening = () => server.Serve(accepted);
        server.Start();
        raw.Send(RawClient.Upgrade());
        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        raw.Dispose();
    }

    private WebSocketServer Create(ListeningLog log)
    {
        Assert.SkipWhen(engine == ServerEngine.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        var options = new ServerOptions { Port = 0, LoggerFactory = log, Poller = engine == ServerEngine.Portable ? PollerKind.Portable : PollerKind.Auto };
        return engine == ServerEngine.Threads ? new Wspy.Server(options) : new AsyncServer(options);
    }

    /// <summary>Calls back when the log says that the server listens: in the middle of its start.</summary>
    private sealed class ListeningLog : ILoggerFactory, ILogger
    {
        public Action? WhenListening { get; set; }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).StartsWith("Listening on", StringComparison.Ordinal))
            {
                WhenListening?.Invoke();
            }
        }

        public void Dispose()
        {
        }
    }
}

public sealed class ThreadedServerStartTests() : ServerStartTests(ServerEngine.Threads);

public sealed class EpollServerStartTests() : ServerStartTests(ServerEngine.Epoll);

public sealed class PortableServerStartTests() : ServerStartTests(ServerEngine.Portable);
