using System.Net;
using System.Net.Sockets;

namespace Wspy;

/// <summary>Connects to the first address that answers, blocking the thread in the system: sockets that do not block, and one wait for all of them.</summary>
internal static class BlockingRace
{
    /// <summary>The longest that is waited at once, well below the 2^31 microseconds of the system call.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(30);

    /// <summary>Runs the plan.</summary>
    /// <returns>The socket that was connected first; all others are closed.</returns>
    /// <exception cref="SocketException">All attempts have failed.</exception>
    /// <exception cref="TimeoutException">The deadline has passed.</exception>
    public static Socket Connect(ConnectPlan plan, TcpKeepAlive? keepAlive, Deadline deadline)
    {
        var running = new Dictionary<Socket, EndPoint>();
        try
        {
            while (true)
            {
                if (plan.UntilNext == TimeSpan.Zero && Begin(plan, keepAlive, deadline, running) is { } atOnce)
                {
                    return ToWinner(atOnce, running);
                }

                if (running.Count == 0)
                {
                    if (!plan.HasMore)
                    {
                        throw plan.ToException();
                    }

                    // The one that was begun has failed already: the next one is due.
                    continue;
                }

                if (Wait(plan, deadline, running) is { } connected)
                {
                    return ToWinner(connected, running);
                }
            }
        }
        finally
        {
            foreach (Socket loser in running.Keys)
            {
                loser.Dispose();
            }
        }
    }

    // The socket, if it is connected at once.
    private static Socket? Begin(ConnectPlan plan, TcpKeepAlive? keepAlive, Deadline deadline, Dictionary<Socket, EndPoint> running)
    {
        EndPoint endPoint = plan.Begin();
        Socket? socket = null;
        try
        {
            socket = ClientSockets.Create(endPoint, keepAlive);
            socket.Blocking = false;
            running.Add(socket, endPoint);
            while (true)
            {
                try
                {
                    socket.Connect(endPoint);
                    return socket;
                }
                catch (SocketException exception) when (ClientSockets.IsFull(endPoint, exception))
                {
                    ThrowIfPassed(deadline);
                    Thread.Sleep(ClientSockets.Again);
                }
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // It is under way.
        }
        catch (SocketException exception)
        {
            // No such family here, no way there, no descriptor left: the others are tried all the same.
            Fail(plan, socket, endPoint, exception.SocketErrorCode, running);
        }

        return null;
    }

    // The socket that is connected, if one is, when the next attempt is due or something has happened.
    private static Socket? Wait(ConnectPlan plan, Deadline deadline, Dictionary<Socket, EndPoint> running)
    {
        ThrowIfPassed(deadline);
        TimeSpan time = Shorter(Shorter(deadline.Slice, plan.UntilNext), LongestWait);
        var writable = new List<Socket>(running.Keys);
        var failed = new List<Socket>(running.Keys);
        Socket.Select(null, writable, failed, time);
        foreach (Socket socket in writable.Union(failed))
        {
            var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error == SocketError.Success)
            {
                return socket;
            }

            Fail(plan, socket, running[socket], error, running);
        }

        return null;
    }

    private static Socket ToWinner(Socket socket, Dictionary<Socket, EndPoint> running)
    {
        running.Remove(socket);
        socket.Blocking = true;
        return socket;
    }

    private static void Fail(ConnectPlan plan, Socket? socket, EndPoint endPoint, SocketError error, Dictionary<Socket, EndPoint> running)
    {
        plan.Fail(endPoint, error);
        if (socket is not null)
        {
            running.Remove(socket);
            socket.Dispose();
        }
    }

    private static void ThrowIfPassed(Deadline deadline)
    {
        if (deadline.Remaining == TimeSpan.Zero)
        {
            throw new TimeoutException();
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) =>
        one == Timeout.InfiniteTimeSpan ? other : other == Timeout.InfiniteTimeSpan || one < other ? one : other;
}
