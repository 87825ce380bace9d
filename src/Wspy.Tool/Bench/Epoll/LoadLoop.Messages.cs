using System.Diagnostics;
using System.Runtime.InteropServices;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Epoll;

/// <content>Messages out, echoes in.</content>
internal sealed unsafe partial class LoadLoop
{
    // Notes messages as sent now, and sends as many of their bytes as the system takes.
    private void SendMessages(LoadConnection connection, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Note(connection, _now);
        }

        Owe(connection, count);
    }

    private void Owe(LoadConnection connection, int count)
    {
        int next = connection.Next;
        connection.Owed += _template.Take(ref next, count);
        connection.Next = next;
        Flush(connection);
    }

    private static void Note(LoadConnection connection, long time)
    {
        connection.Times[connection.Head] = time;
        connection.Head = connection.Head + 1 == connection.Times.Length ? 0 : connection.Head + 1;
        connection.UnderWay++;
    }

    private void SendWhatIsDue(Pace pace)
    {
        while (pace.TryTake(_now, out int number))
        {
            LoadConnection connection = _connections[number];
            connection.Due++;
            SendDue(connection, pace);
        }
    }

    // As many as are due and have room in the window, each noted with the time for which it was planned.
    private void SendDue(LoadConnection connection, Pace pace)
    {
        int count = (int)Math.Min(connection.Due, _workload.Window - connection.UnderWay);
        if (count <= 0)
        {
            return;
        }

        for (int i = 0; i < count; i++)
        {
            Note(connection, pace.TimeOf(connection.Number, connection.Sent++));
        }

        connection.Due -= count;
        Owe(connection, count);
    }

    private void Flush(LoadConnection connection)
    {
        while (connection.Owed > 0 || !connection.Pong.IsEmpty)
        {
            // A pong may go out between two frames only.
            if (!connection.Pong.IsEmpty && _template.RestOfFrame(connection.Offset) == 0)
            {
                if (!FlushPong(connection))
                {
                    break;
                }

                continue;
            }

            long wanted = Math.Min(connection.Owed, _template.Stream.Length - connection.Offset);
            if (!connection.Pong.IsEmpty)
            {
                wanted = Math.Min(wanted, _template.RestOfFrame(connection.Offset));
            }

            long sent = Send(connection, _streamAt + connection.Offset, wanted);
            connection.Owed -= sent;
            connection.Offset = connection.Offset + sent == _template.Stream.Length ? 0 : connection.Offset + (int)sent;
            if (sent < wanted)
            {
                break;
            }
        }

        bool waits = connection.Owed > 0 || !connection.Pong.IsEmpty;
        if (waits != connection.WaitsForRoom)
        {
            connection.WaitsForRoom = waits;
            _ready.Modify(connection.Socket, connection.Number, waits ? Native.EpollIn | Native.EpollOut : Native.EpollIn);
        }
    }

    // False when the system did not take all of it.
    private bool FlushPong(LoadConnection connection)
    {
        fixed (byte* bytes = connection.Pong.Span)
        {
            connection.Pong = connection.Pong[(int)Send(connection, bytes, connection.Pong.Length)..];
        }

        return connection.Pong.IsEmpty;
    }

    private static long Send(LoadConnection connection, byte* bytes, long count)
    {
        while (true)
        {
            nint sent = Native.Send(connection.Socket, bytes, (nint)count, Native.MsgNoSignal);
            if (sent >= 0)
            {
                return sent;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Native.Again:
                    return 0;
                case Native.Interrupted:
                    continue;
                case int error:
                    throw Lost("sending", error);
            }
        }
    }

    private void Receive(LoadConnection connection)
    {
        // Of a large payload that nobody looks at, the bytes stay in the system: a large message then costs this side less than the server.
        long skippable = connection.State == ConnectionState.Open ? connection.Reader.Skippable : 0;
        nint count = skippable > 0
            ? Native.Receive(connection.Socket, _receivedAt, (nint)skippable, Native.MsgTruncate)
            : Native.Receive(connection.Socket, _receivedAt, ReceiveBufferSize, 0);
        if (count <= 0)
        {
            int error = count == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (error is Native.Again or Native.Interrupted)
            {
                return;
            }

            throw Lost(connection.State == ConnectionState.Open ? "receiving" : "the opening handshake", error);
        }

        _now = Stopwatch.GetTimestamp();
        if (connection.State == ConnectionState.Upgrading)
        {
            Upgrade(connection, new ReadOnlySpan<byte>(_receivedAt, (int)count));
        }
        else
        {
            Take(connection, skippable > 0 ? connection.Reader.Skip(count) : connection.Reader.Read(new ReadOnlySpan<byte>(_receivedAt, (int)count)));
        }
    }

    // Counts echoes that became whole, and sends as many messages again.
    private void Take(LoadConnection connection, int echoes)
    {
        if (connection.Reader.Ping is not null)
        {
            Answer(connection);
        }

        if (echoes == 0)
        {
            return;
        }

        if (echoes > connection.UnderWay)
        {
            throw new LoadException("The server sent a message that is the echo of none.");
        }

        bool counts = _window.Contains(_now);
        int tail = connection.Tail;
        for (int i = 0; i < echoes; i++)
        {
            if (counts)
            {
                Latencies.Record(LoadWindow.Nanoseconds(_now - connection.Times[tail]));
            }

            tail = tail + 1 == connection.Times.Length ? 0 : tail + 1;
        }

        connection.Tail = tail;
        connection.UnderWay -= echoes;
        if (_now >= _window.Until)
        {
            return;
        }

        Volatile.Write(ref _count, _count + echoes);
        if (_pace is not null)
        {
            SendDue(connection, _pace);
        }
        else
        {
            SendMessages(connection, echoes);
        }
    }

    private void Answer(LoadConnection connection)
    {
        // A pong that is on its way is whole or partly out; the ping stays until it has left.
        if (connection.Pong.IsEmpty)
        {
            connection.Pong = ControlFrame.Pong(connection.Reader.Ping!.Value).ToArray(FrameTemplate.MaskingKey);
            connection.Reader.ForgetPing();
            Flush(connection);
        }
    }

    private static LoadException Lost(string doing, int error) => new(error switch
    {
        0 => $"The server ended a connection without a Close frame, seen while {doing}.",
        _ => $"A connection was lost while {doing}: {Native.Describe(error)}.",
    });
}
