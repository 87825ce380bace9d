using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Wspy.Handshake;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Epoll;

/// <content>Opening connections.</content>
internal sealed unsafe partial class LoadLoop
{
    /// <summary>More at once would only wait in the server's queue, and might not fit it.</summary>
    private const int MaxOpening = 64;

    private readonly ArrayBufferWriter<byte> _request = new(512);
    private int _opened;

    /// <summary>Opens all connections, some at a time. Those of handshakes are opened by the run itself.</summary>
    /// <exception cref="LoadException">The server refuses, or does not answer in time.</exception>
    public void Open(CancellationToken cancellationToken)
    {
        int next = _workload.Handshakes ? _active : 0;
        int wanted = _connections.Length - next;
        int started = 0;
        int openedBefore = 0;
        long silentSince = Stopwatch.GetTimestamp();
        while (_opened < wanted && !_stopped)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (started < wanted && started - _opened < MaxOpening)
            {
                Connect(_connections[next++]);
                started++;
            }

            Turn(LongestWait);
            _now = Stopwatch.GetTimestamp();
            if (_opened > openedBefore)
            {
                openedBefore = _opened;
                silentSince = _now;
            }
            else if (_now - silentSince > LoadWindow.Ticks(_workload.Patience))
            {
                throw new LoadException($"{_server} opened {_opened:N0} of {wanted:N0} connections, and then none for {_workload.Patience.TotalSeconds:0.###} s.");
            }
        }
    }

    private void Connect(LoadConnection connection)
    {
        connection.OpenedAt = Stopwatch.GetTimestamp();
        int socket = Native.Socket(_address.Family, Native.SockStreamNonBlockingCloseOnExec, Native.Tcp);
        if (socket < 0)
        {
            throw Unreachable(Marshal.GetLastPInvokeError());
        }

        connection.Socket = socket;
        int one = 1;
        _ = Native.SetOption(socket, Native.Tcp, Native.TcpNoDelay, &one, sizeof(int));
        fixed (byte* address = _address.Bytes)
        {
            if (Native.Connect(socket, address, _address.Bytes.Length) != 0 && Marshal.GetLastPInvokeError() is not Native.InProgress and int error)
            {
                throw Unreachable(error);
            }
        }

        connection.State = ConnectionState.Connecting;
        _ready.Add(socket, connection.Number, Native.EpollOut);
    }

    // TCP is connected, or is not: the request goes out.
    private void Connected(LoadConnection connection)
    {
        int error = 0;
        int length = sizeof(int);
        _ = Native.GetOption(connection.Socket, Native.SolSocket, Native.SoError, &error, &length);
        if (error != 0)
        {
            throw Unreachable(error);
        }

        connection.Handshake = new ClientHandshake(_server, _handshakeOptions);
        _request.ResetWrittenCount();
        connection.Handshake.WriteRequest(_request);
        fixed (byte* bytes = _request.WrittenSpan)
        {
            // An empty send buffer takes a head whole: there is no half of it to remember.
            if (Native.Send(connection.Socket, bytes, _request.WrittenCount, Native.MsgNoSignal) != _request.WrittenCount)
            {
                throw Lost("sending the opening request", Marshal.GetLastPInvokeError());
            }
        }

        connection.State = ConnectionState.Upgrading;
        _ready.Modify(connection.Socket, connection.Number, Native.EpollIn);
    }

    private void Upgrade(LoadConnection connection, ReadOnlySpan<byte> received)
    {
        switch (connection.Handshake!.Receive(ref received))
        {
            case ClientHandshakeStatus.NeedMoreData:
                return;
            case ClientHandshakeStatus.Failed:
                throw new LoadException($"{_server} refused: {connection.Handshake.Failure!.Message}");
            default:
                break;
        }

        _template.Deflate.Check(_server, connection.Handshake.AcceptedExtensions);
        connection.Reader.Open(connection.Handshake.ExtensionInstances);
        connection.Handshake = null;
        if (_workload.Handshakes && !connection.IsIdle)
        {
            CountHandshake(connection);
            Drop(connection);
            Connect(connection);
            return;
        }

        connection.State = ConnectionState.Open;
        _opened++;
        if (!received.IsEmpty)
        {
            Take(connection, connection.Reader.Read(received));
        }
    }

    private void CountHandshake(LoadConnection connection)
    {
        Volatile.Write(ref _count, _count + 1);
        if (_window.Contains(_now))
        {
            Latencies.Record(LoadWindow.Nanoseconds(_now - connection.OpenedAt));
        }
    }

    // By reset: no port stays behind in TIME_WAIT, of which there would soon be no more.
    private static void Drop(LoadConnection connection)
    {
        long onWithoutDelay = 1;
        _ = Native.SetOption(connection.Socket, Native.SolSocket, Native.SoLinger, &onWithoutDelay, sizeof(long));
        _ = Native.Close(connection.Socket);
        connection.Socket = -1;
        connection.State = ConnectionState.Closed;
    }

    private LoadException Unreachable(int error) => new(error switch
    {
        Native.TooManyFiles => $"This process may not open more than {_opened:N0} connections in a loop: raise the limit of open files (ulimit -n).",
        Native.AddressNotAvailable => $"{_server} cannot be reached from more local ports: there are about 28,000 for each address and port of a server.",
        Native.ConnectionRefused => $"{_server} cannot be reached: {Native.Describe(error)}. Is the server running?",
        _ => $"{_server} cannot be reached: {Native.Describe(error)}.",
    });
}
