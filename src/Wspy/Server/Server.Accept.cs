using System.Net.Sockets;
using Wspy.Handshake;

namespace Wspy;

// From the listening socket to a client's thread.
public partial class Server
{
    /// <summary>When descriptors or memory run out, this is the time for others to give some back.</summary>
    private static readonly TimeSpan AcceptDelay = TimeSpan.FromMilliseconds(100);

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
            catch (Exception exception) when (exception is SocketException or OutOfMemoryException)
            {
                // The client was gone before it was accepted, or the system is short of descriptors or threads: the server goes on.
                LogAcceptFailed(exception, AcceptDelay);
                _stopping.Token.WaitHandle.WaitOne(AcceptDelay);
            }
        }

        Leave();
    }

    private void Serve(Socket socket)
    {
        if (Volatile.Read(ref _threads) > _options.MaxConnections * 2L)
        {
            // As many again as may be clients are in their opening handshakes or being refused: too many to be polite to.
            LogFull(socket.RemoteEndPoint, _options.MaxConnections);
            socket.Dispose();
            return;
        }

        Enter();
        try
        {
            new Thread(() => Serve(socket, Interlocked.Increment(ref _lastId)), StackSize) { IsBackground = true, Name = "Wspy client" }.Start();
        }
        catch (OutOfMemoryException)
        {
            socket.Dispose();
            Leave();
            throw;
        }
    }

    private void Serve(Socket socket, long id)
    {
        try
        {
            if (Open(socket) is { } webSocket)
            {
                Run(new ThreadedClient(this, id, webSocket));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Gone between accept and the first byte.
            LogRefused(null, exception.Message);
        }
        finally
        {
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
            bool full = _clients.Count >= _options.MaxConnections;
            if (full)
            {
                LogFull(address, _options.MaxConnections);
            }

            (WebSocket? accepted, HandshakeException? failure) = ServerAcceptor.Accept(socket, full ? Full() : _openingOptions, _handshakeOptions);
            if (failure is not null)
            {
                if (failure is { Reason: HandshakeViolation.RefusedByApplication, InnerException: { } cause })
                {
                    LogRequestFailed(cause, address);
                }
                else
                {
                    LogRefused(address, failure.Message);
                }
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
        if (_stopping.IsCancellationRequested)
        {
            // Too late to be closed with the others.
            client.Abort();
        }

        try
        {
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

    private ServerOptions Full()
    {
        HttpResponse Refuse(HttpRequestHead request) => HttpResponse.Text(503, "The server has as many clients as it takes; try again later.\n");
        return _openingOptions with { OnRequest = Refuse, OnUpgrade = Refuse };
    }
}
