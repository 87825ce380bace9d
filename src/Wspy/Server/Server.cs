using System.Collections.Concurrent;
using System.Net.Sockets;
using Wspy.Transports;

namespace Wspy;

/// <summary>A server with a thread per client and plain blocking I/O: derive, override handlers, run.</summary>
/// <remarks>
/// Its members are safe from any thread. The handlers of one client never run concurrently, those of different clients do. A
/// handler may block: it only holds up its own client. What a client does wrong is its own affair and disturbs nobody else.
/// For thousands of clients see <see cref="AsyncServer"/>.
/// </remarks>
public class Server : WebSocketServer
{
    /// <summary>Deep enough for any handler that does not recurse, and a thousand of them are half a gigabyte of addresses, not of memory.</summary>
    private const int StackSize = 512 * 1024;

    private readonly ConcurrentDictionary<IDisposable, byte> _openings = new();
    private readonly ConcurrentDictionary<long, Client> _clients = new();
    private readonly AcceptTrouble _trouble = new();
    private readonly DescriptorReserve _reserve = DescriptorReserve.OfThisProcess();

    // No handle is ever asked of it, so there is nothing to dispose.
    private readonly SemaphoreSlim _tlsTurns;

    // The server whose client this thread serves: all handlers run on such threads.
    [ThreadStatic]
    private static Server? _servedHere;

    /// <summary>Creates a server that does not listen yet.</summary>
    /// <param name="options">Where to listen and what to accept; <see langword="null"/> for the defaults: localhost, port 8000.</param>
    /// <exception cref="ArgumentException">An option cannot be kept, such as a malformed origin.</exception>
    public Server(ServerOptions? options = null)
        : base(options)
    {
        _tlsTurns = new SemaphoreSlim(Options.TlsConcurrency);
    }

    /// <inheritdoc/>
    public override IReadOnlyCollection<Client> Clients => (IReadOnlyCollection<Client>)_clients.Values;

    private protected override List<Client> BusyClients => [.. _clients.Values.Where(static client => ((ThreadedClient)client).IsHandling)];

    private protected override bool IsOnHandlerThread => _servedHere == this;

    /// <summary>Serves a client over any stream in both directions, as if it had been accepted; without TLS, which is the stream's affair.</summary>
    /// <param name="stream">A connected stream, owned by the server from now on.</param>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    /// <exception cref="ObjectDisposedException">The server was stopped.</exception>
    public void Serve(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ThrowUnlessRunning();
        ServeOn(stream);
    }

    private protected override void ServeConnected(Socket socket) => ServeOn(socket);

    private protected override void Accept(IReadOnlyList<WebSocketListener> listeners)
    {
        foreach (WebSocketListener listener in listeners)
        {
            new Thread(() => AcceptForever(listener)) { IsBackground = true, Name = "Wspy accept" }.Start();
        }
    }

    private protected override void StopAccepting(IReadOnlyList<WebSocketListener> listeners)
    {
        foreach (WebSocketListener listener in listeners)
        {
            listener.Dispose();
        }

        foreach (IDisposable transport in _openings.Keys)
        {
            if (_openings.TryRemove(transport, out _))
            {
                GiveUp(transport);
            }
        }
    }

    // Whose handler waits for the server to stop cannot answer before that returns.
    private protected override Task CloseClientsAsync(CancellationToken deadline) =>
        Task.WhenAll(_clients.Values.Select(client => Task.WhenAny(CloseAsync(client, deadline), ((ThreadedClient)client).Flow.Waits)));

    private void AcceptForever(WebSocketListener listener)
    {
        while (!Stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = listener.AcceptSocket();
                bool isShort = !OperatingSystem.IsWindows() && _reserve.Holds(socket.Handle);
                ServeOn(socket);
                while (isShort && !Stopping.IsCancellationRequested)
                {
                    // That one is served. The others wait with the system until there is more than the reserve again.
                    Tell(new SocketException((int)SocketError.TooManyOpenSockets));
                    Stopping.WaitHandle.WaitOne(AcceptTrouble.Delay);
                    isShort = _reserve.IsTouched();
                }
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionAborted)
            {
                // It was gone before it was accepted.
            }
            catch (Exception exception)
            {
                // The system is short of descriptors or threads: the server goes on whatever it is.
                Tell(exception);
                Stopping.WaitHandle.WaitOne(AcceptTrouble.Delay);
            }
        }

        Leave();
    }

    private void Tell(Exception exception)
    {
        if (_trouble.IsToBeTold(Environment.TickCount64))
        {
            LogAcceptFailed(exception, AcceptTrouble.Delay);
        }
    }

    private void ServeOn(IDisposable transport)
    {
        if (IsOverfull)
        {
            GiveUp(transport);
            return;
        }

        Enter();
        try
        {
            new Thread(() => Serve(transport, NextId()), StackSize) { IsBackground = true, Name = "Wspy client" }.Start();
        }
        catch (Exception)
        {
            // The system has no thread to give.
            GiveUp(transport);
            Leave();
            throw;
        }
    }

    private void Serve(IDisposable transport, long id)
    {
        _servedHere = this;
        var flow = new HandlerFlow(FlowOwner);
        flow.Enter();
        var gate = new ThreadedGate(this, transport);
        try
        {
            if (Open(transport, gate) is { } webSocket)
            {
                Run(new ThreadedClient(this, id, webSocket, gate.Route!.Handler, flow));
            }
        }
        catch (Exception exception)
        {
            // Gone between accept and the first byte, or something of the application's failed: nothing may end but this client.
            LogRefused(null, exception.Message);
        }
        finally
        {
            gate.Leave();
            GiveUp(transport);
            Leave();
        }
    }

    private static void GiveUp(IDisposable transport)
    {
        try
        {
            transport.Dispose();
        }
        catch (Exception)
        {
            // A stream of the application's may throw whatever it likes; it is given up, and others are served on.
        }
    }

    private WebSocket? Open(IDisposable transport, ThreadedGate gate)
    {
        var socket = transport as Socket;
        System.Net.EndPoint? address = socket is null ? null : Transport.PeerOf(socket);
        _openings.TryAdd(transport, 0);
        try
        {
            if (Stopping.IsCancellationRequested)
            {
                // Too late to be seen by who stops.
                return null;
            }

            (WebSocket? accepted, HandshakeException? failure) = socket is null
                ? ServerAcceptor.Accept((Stream)transport, Options, HandshakeOptions, gate)
                : ServerAcceptor.Accept(socket, Options, HandshakeOptions, _tlsTurns, gate);
            if (failure is not null)
            {
                LogFailure(gate.Peer ?? address, failure);
            }

            return accepted;
        }
        finally
        {
            _openings.TryRemove(transport, out _);
        }
    }

    private void Run(ThreadedClient client)
    {
        _clients.TryAdd(client.Id, client);
        try
        {
            if (Stopping.IsCancellationRequested)
            {
                // Maybe too late to be closed with the others. It never opened, so no handler is called.
                using CancellationTokenRegistration deadline = StopDeadline.UnsafeRegister(static state => ((ThreadedClient)state!).Abort(), client);
                client.Close(CloseCode.GoingAway);
                return;
            }

            client.Run();
        }
        catch (Exception)
        {
            // A handler's exception, which was logged and told to OnError: it ends nobody but this client.
        }
        finally
        {
            _clients.TryRemove(client.Id, out _);
        }
    }

    /// <summary>Whether a client still may be one: not when who stops has ended what it is connected by.</summary>
    internal bool TryAdmit(IDisposable transport) => _openings.TryRemove(transport, out _);
}
