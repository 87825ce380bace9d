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

    /// <summary>When descriptors or memory run out, this is the time for others to give some back.</summary>
    private static readonly TimeSpan AcceptDelay = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<IDisposable, byte> _openings = new();
    private readonly ConcurrentDictionary<long, Client> _clients = new();

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
                transport.Dispose();
            }
        }
    }

    private void AcceptForever(WebSocketListener listener)
    {
        while (!Stopping.IsCancellationRequested)
        {
            try
            {
                ServeOn(listener.AcceptSocket());
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            catch (Exception exception)
            {
                // The client was gone before it was accepted, or the system is short of descriptors or threads: the server goes on whatever it is.
                LogAcceptFailed(exception, AcceptDelay);
                Stopping.WaitHandle.WaitOne(AcceptDelay);
            }
        }

        Leave();
    }

    private void ServeOn(IDisposable transport)
    {
        if (IsOverfull)
        {
            transport.Dispose();
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
            transport.Dispose();
            Leave();
            throw;
        }
    }

    private void Serve(IDisposable transport, long id)
    {
        _servedHere = this;
        var gate = new ThreadedGate(this, transport);
        try
        {
            if (Open(transport, gate) is { } webSocket)
            {
                Run(new ThreadedClient(this, id, webSocket, gate.Route!.Handler));
            }
        }
        catch (Exception exception)
        {
            // Gone between accept and the first byte, or a logger of the application's failed: nothing may end but this client.
            LogRefused(null, exception.Message);
        }
        finally
        {
            gate.Leave();
            transport.Dispose();
            Leave();
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
                LogFailure(address, failure);
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
