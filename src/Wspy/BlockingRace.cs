using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Wspy;

/// <summary>Connects to the first address that answers, for a caller that blocks: each attempt blocks a thread of its own.</summary>
/// <remarks>
/// One wait for several sockets that do not block would need no threads, but the platform never makes such a socket blocking again: it
/// would emulate that from then on, with an allocation for each call.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "No handle is ever asked of the event, so there is nothing to dispose.")]
internal sealed class BlockingRace
{
    /// <summary>The longest that a monitor waits at once.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(20);

    private readonly ConnectPlan _plan;
    private readonly TcpKeepAlive? _keepAlive;
    private readonly Deadline _deadline;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _news = new();
    private readonly List<Socket> _running = [];
    private readonly Queue<(Socket Socket, EndPoint EndPoint, SocketError Error)> _ended = new();

    private BlockingRace(ConnectPlan plan, TcpKeepAlive? keepAlive, Deadline deadline)
    {
        _plan = plan;
        _keepAlive = keepAlive;
        _deadline = deadline;
    }

    /// <summary>Runs the plan.</summary>
    /// <returns>The socket that was connected first; all others are closed.</returns>
    /// <exception cref="SocketException">All attempts have failed.</exception>
    /// <exception cref="TimeoutException">The deadline has passed.</exception>
    public static Socket Connect(ConnectPlan plan, TcpKeepAlive? keepAlive, Deadline deadline)
    {
        var race = new BlockingRace(plan, keepAlive, deadline);
        try
        {
            return race.Run();
        }
        finally
        {
            race.EndOthers();
        }
    }

    private Socket Run()
    {
        while (true)
        {
            if (FindWinner() is { } winner)
            {
                return winner;
            }

            if (_plan.HasMore && (_running.Count == 0 || _plan.UntilNext == TimeSpan.Zero))
            {
                Begin(_plan.Begin());
            }
            else if (_running.Count == 0)
            {
                throw _plan.ToException();
            }
            else
            {
                Wait();
            }
        }
    }

    private void Begin(EndPoint endPoint)
    {
        Socket socket;
        try
        {
            socket = ClientSockets.Create(endPoint, _keepAlive);
        }
        catch (SocketException exception)
        {
            // No such family here, or no descriptor left: the others are tried all the same.
            _plan.Fail(endPoint, exception.SocketErrorCode);
            return;
        }

        _running.Add(socket);
        new Thread(() => Attempt(socket, endPoint)) { IsBackground = true, Name = "Wspy connect" }.Start();
    }

    private void Attempt(Socket socket, EndPoint endPoint)
    {
        SocketError error;
        try
        {
            error = Connect(socket, endPoint);
        }
        catch (ObjectDisposedException)
        {
            error = SocketError.OperationAborted;
        }

        lock (_gate)
        {
            _ended.Enqueue((socket, endPoint, error));
            _news.Set();
        }
    }

    // Nothing ends the wait for a Unix-domain socket whose queue is full, so it is a short one, again and again.
    private static SocketError Connect(Socket socket, EndPoint endPoint)
    {
        socket.SendTimeout = endPoint is UnixDomainSocketEndPoint ? (int)ClientSockets.Again.TotalMilliseconds : 0;
        while (true)
        {
            try
            {
                socket.Connect(endPoint);
                socket.SendTimeout = 0;
                return SocketError.Success;
            }
            catch (SocketException exception) when (!ClientSockets.IsFull(endPoint, exception))
            {
                return exception.SocketErrorCode;
            }
            catch (SocketException)
            {
                // Still full.
            }
        }
    }

    private Socket? FindWinner()
    {
        lock (_gate)
        {
            _news.Reset();
            while (_ended.TryDequeue(out (Socket Socket, EndPoint EndPoint, SocketError Error) ended))
            {
                _running.Remove(ended.Socket);
                if (ended.Error == SocketError.Success)
                {
                    _plan.Connected(ended.EndPoint);
                    return ended.Socket;
                }

                ended.Socket.Dispose();
                _plan.Fail(ended.EndPoint, ended.Error);
            }

            return null;
        }
    }

    // Until the next attempt is due or something has happened.
    private void Wait()
    {
        if (_deadline.Remaining == TimeSpan.Zero)
        {
            throw new TimeoutException();
        }

        _news.Wait(Shorter(Shorter(_deadline.Slice, _plan.UntilNext), LongestWait));
    }

    // Their threads end with their sockets.
    private void EndOthers() => _running.ForEach(static socket => socket.Dispose());

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) =>
        one == Timeout.InfiniteTimeSpan ? other : other == Timeout.InfiniteTimeSpan || one < other ? one : other;
}
