using System.Net.Sockets;
using Wspy.Handshake;

namespace Wspy;

// From the listening socket to a client's thread.
public partial class Server
{
    /// <summary>When descriptors or memory run out, this is the time for others to give some back.</summary>
    private static readonly TimeSpan AcceptDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>How many may be in their opening handshakes or refused at once, however small <see cref="ServerOptions.MaxConnections"/> is.</summary>
    private const int MinOpenings = 256;

    private void AcceptForever()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Serve(_listener!.AcceptSocket());
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            catch (Exception exception)
            {
                // The client was gone before it was accepted, or the system is short of descriptors or threads: the server goes on whatever it is.
                LogAcceptFailed(exception, AcceptDelay);
                _stopping.Token.WaitHandle.WaitOne(AcceptDelay);
            }
        }

        Leave();
    }

    private void Serve(Socket socket)
    {
        if (Volatile.Read(ref _threads) > (long)_options.MaxConnections + Math.Max(_options.MaxConnections, MinOpenings))
        {
            // As many again as may be clients are in their opening handshakes or being refused: too many to be polite to.
            LogFull(_options.MaxConnections);
            socket.Dispose();
            return;
        }

        Enter();
        try
        {
            new Thread(() => Serve(socket, Interlocked.Increment(ref _lastId)), StackSize) { IsBackground = true, Name = "Wspy client" }.Start();
        }
        catch (Exception)
        {
            // The system has no thread to give.
            socket.Dispose();
            Leave();
            throw;
        }
    }

    private void Serve(Socket socket, long id)
    {
        _servedHere = this;
        try
        {
            if (Open(socket) is { } webSocket)
            {
                Run(new ThreadedClient(this, id, webSocket));
            }
        }
        catch (Exception exception)
        {
            // Gone between accept and the first byte, or a logger of the application's failed: nothing may end but this client.
            LogRefused(null, exception.Message);
        }
        finally
        {
            if (_holdsPlace)
            {
                Interlocked.Decrement(ref _connected);
            }

            socket.Dispose();
            Leave();
        }
    }

    private WebSocket? Open(Socket socket)
    {
        System.Net.EndPoint? address = socket.RemoteEndPoint;
        _openings.TryAdd(socket, 0);
        try
        {
            if (_stopping.IsCancellationRequested)
            {
                // Too late to be seen by who stops.
                return null;
            }

            (WebSocket? accepted, HandshakeException? failure) = ServerAcceptor.Accept(socket, _openingOptions, _handshakeOptions);
            if (failure is { Reason: HandshakeViolation.RefusedByApplication, InnerException: { } cause })
            {
                LogRequestFailed(cause, address);
            }
            else if (failure is not null)
            {
                LogRefused(address, failure.Message);
            }

            return accepted;
        }
        finally
        {
            _openings.TryRemove(socket, out _);
        }
    }

    private void Run(ThreadedClient client)
    {
        _clients.TryAdd(client.Id, client);
        try
        {
            if (_stopping.IsCancellationRequested)
            {
                // Maybe too late to be closed with the others. It never opened, so no handler is called.
                using CancellationTokenRegistration deadline = _deadline.Token.UnsafeRegister(static state => ((ThreadedClient)state!).Abort(), client);
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

    // Whether the client of this thread is counted among the connected ones.
    [ThreadStatic]
    private static bool _holdsPlace;

    // Runs on the client's thread, when its request is known to be valid: who only looks at a page takes no place.
    private HttpResponse? Admit(HttpRequestHead request)
    {
        if (Interlocked.Increment(ref _connected) > _options.MaxConnections)
        {
            Interlocked.Decrement(ref _connected);
            LogFull(_options.MaxConnections);
            return HttpResponse.Text(503, "The server has as many clients as it takes; try again later.\n");
        }

        try
        {
            HttpResponse? refusal = OnUpgrade(request);
            _holdsPlace = refusal is null;
            return refusal;
        }
        finally
        {
            if (!_holdsPlace)
            {
                Interlocked.Decrement(ref _connected);
            }
        }
    }
}
