using System.Net;
using System.Net.Sockets;
using Wspy.Extensions;
using Wspy.Handshake;
using Wspy.Loop;

namespace Wspy;

/// <summary>A server on event loops, for any number of clients: derive, override handlers, run.</summary>
/// <remarks>
/// Its members are safe from any thread. The handlers of one client never run concurrently; all handlers of a loop's clients run on
/// that loop's thread. So a handler must not block: it would hold up every client of its loop, and the log says so. What takes time goes into an
/// asynchronous handler (<see cref="OnMessageAsync"/>), which holds up its own client only.
/// </remarks>
public class AsyncServer : WebSocketServer
{
    private readonly LoopSettings _settings;

    // One for all: which of a loop's handlers it was, its thread does not know.
    private readonly HandlerFlow _flow;

    // Made when the server starts: one that never does holds no descriptors.
    private volatile EventLoop[] _loops = [];
    private LoopAcceptor? _acceptor;

    /// <summary>Creates a server that does not listen yet.</summary>
    /// <param name="options">Where to listen and what to accept; <see langword="null"/> for the defaults: localhost, port 8000, a loop per processor.</param>
    /// <exception cref="ArgumentException">An option cannot be kept, such as a malformed origin.</exception>
    /// <exception cref="PlatformNotSupportedException">The options ask for a poller that this system does not have.</exception>
    public AsyncServer(ServerOptions? options = null)
        : this(options, null)
    {
    }

    /// <param name="options">As above.</param>
    /// <param name="createPoller">In the place of the poller that the options name.</param>
    internal AsyncServer(ServerOptions? options, Func<Poller>? createPoller)
        : base(options)
    {
        _flow = new HandlerFlow(FlowOwner);
        _settings = new LoopSettings
        {
            Poller = Options.Poller,
            PollerFactory = createPoller,
            TimeProvider = Options.TimeProvider,
            BlockedThreshold = Options.BlockedLoopThreshold,
            TlsHandshakes = new TlsHandshakes(Options.TlsConcurrency),
            OnBlocked = (connection, time) => LogBlocked(connection.Handler as Client, time.TotalMilliseconds),
        };
    }

    /// <summary>Whether <see cref="OnSent"/> was overridden, as far as it was called.</summary>
    internal bool WantsSent { get; private set; } = true;

    /// <inheritdoc/>
    public override IReadOnlyCollection<Client> Clients
    {
        get
        {
            // The loops know them anyway; a list of its own would cost each idle client another hundred bytes.
            var clients = new List<Client>();
            foreach (EventLoop loop in _loops)
            {
                loop.AddHandlers(clients);
            }

            return clients;
        }
    }

    private protected override List<Client> BusyClients
    {
        get
        {
            var clients = new List<Client>();
            foreach (EventLoop loop in _loops)
            {
                loop.AddBusyHandlers(clients);
            }

            return clients;
        }
    }

    private protected override bool IsOnHandlerThread => Array.Exists(_loops, static loop => loop.IsCurrent);

    /// <inheritdoc/>
    protected override void OnMessage(Client client, Message message) => client.Await(OnMessageAsync(client, message));

    /// <summary>Called for each message, with a copy to keep, unless another overload is overridden. Nothing more is read from this client until the task completes.</summary>
    protected virtual ValueTask OnMessageAsync(Client client, Message message) => default;

    /// <inheritdoc/>
    protected override void OnOpen(Client client) => client.Await(OnOpenAsync(client));

    /// <summary>Called once for a client, before anything is received from it, unless <see cref="OnOpen"/> is overridden. Nothing is read from it until the task completes.</summary>
    protected virtual ValueTask OnOpenAsync(Client client) => default;

    /// <summary>
    /// Called when the system has taken all of a message. For messages that were sent as something else than a <see cref="Message"/>, one
    /// is made when this is overridden.
    /// </summary>
    protected virtual void OnSent(Client client, Message message) => WantsSent = false;

    internal void Sent(LoopClient client, Message message)
    {
        if (client.Handler is { } handler)
        {
            handler.OnSent(client, message);
        }
        else
        {
            OnSent(client, message);
        }
    }

    internal void OpenedOnLoop(LoopClient client)
    {
        try
        {
            Opened(client);
        }
        finally
        {
            if (Stopping.IsCancellationRequested)
            {
                // Admitted just before: stopping may not have seen it among the clients.
                _ = CloseAsync(client, StopDeadline);
            }
        }
    }

    internal void ClosedOnLoop(LoopClient client, CloseInfo info)
    {
        Closed(client, info);
        GivePlaceBack();
        Left(client.Connection.Loop, client.Connection.RemoteEndPoint);
    }

    /// <summary>A connection that was accepted is gone.</summary>
    internal void Left(EventLoop loop, EndPoint? address)
    {
        loop.Unassign();
        _acceptor!.Release(address);
        Leave();
    }

    internal void Refused(EndPoint? address, HandshakeException failure) => LogFailure(address, failure);

    internal LoopClient CreateClient(HttpRequestHead request, string? subprotocol, IReadOnlyList<ExtensionOffer> extensions, RouteHandler? handler, LoopConnection connection) =>
        new(this, NextId(), request, subprotocol, extensions, handler, connection);

    internal void AcceptFailed(SocketError error, TimeSpan delay) => LogAcceptFailed(new SocketException((int)error), delay);

    internal void OpenFailed(EndPoint? address, Exception cause) =>
        LogFailure(address, new HandshakeException(HandshakeViolation.ConnectionLost, $"The connection cannot be watched: {cause.Message}", cause));

    internal void AddressFull(EndPoint? address) => LogAddressFull(address, Options.MaxConnectionsPerAddress);

    internal void Entered() => Enter();

    private protected override void Prepare()
    {
        var loops = new EventLoop[Options.Loops == 0 ? Environment.ProcessorCount : Options.Loops];
        int made = 0;
        try
        {
            for (; made < loops.Length; made++)
            {
                loops[made] = new EventLoop(_settings, $"Wspy loop {made}");
                loops[made].Post(_flow.Enter);
            }
        }
        catch
        {
            for (int i = 0; i < made; i++)
            {
                loops[i].Discard();
            }

            throw;
        }

        // Before anybody else knows that the server was started, and stops it or gives it a client: what they post waits for the loops to run.
        _loops = loops;
        _acceptor = new LoopAcceptor(this, Options, HandshakeOptions, loops);
    }

    internal void Leaving() => Leave();

    private protected override void ServeConnected(Socket socket) => _acceptor!.Serve(socket);

    private protected override void Accept(IReadOnlyList<WebSocketListener> listeners)
    {
        _acceptor!.Start(listeners);
        foreach (EventLoop loop in _loops)
        {
            loop.Start();
        }
    }

    private protected override void StopAccepting(IReadOnlyList<WebSocketListener> listeners) => _acceptor!.Stop(listeners);

    // On each loop's thread, where a client is either there already or comes after the server was seen to stop.
    private protected override Task CloseClientsAsync(CancellationToken deadline) => Task.WhenAll(_loops.Select(loop =>
    {
        var closing = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() =>
        {
            var clients = new List<Client>();
            loop.AddHandlers(clients);
            closing.SetResult(Task.WhenAll(clients.Select(client => CloseAsync(client, deadline))));
        });
        return closing.Task.Unwrap();
    }));

    private protected override Task EndAsync()
    {
        foreach (EventLoop loop in _loops)
        {
            loop.Stop();
        }

        return Task.WhenAll(_loops.Select(static loop => loop.Ended));
    }
}
