using System.Buffers.Binary;
using System.Net.Sockets;

namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>One connection of a server or client: frames in, frames out. What it may do wrong stands where it would be done right.</summary>
internal sealed partial class MistakenConnection(MistakenPeer peer, Socket socket, PeerRole role, CancellationToken stopping)
{
    private const int Continuation = 0x0;
    private const int Text = 0x1;
    private const int Binary = 0x2;
    private const int Close = 0x8;
    private const int Ping = 0x9;
    private const int Pong = 0xA;

    /// <summary>How long what never ends goes on: longer than the patience of any suite that looks for it.</summary>
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(6);

    private readonly byte[] _input = new byte[16 * 1024];
    private int _start;
    private int _end;

    private bool Has(Mistake one) => peer.Mistake == one;

    /// <summary>Serves a client.</summary>
    public async Task RunAsync()
    {
        if (!await OpenAsync())
        {
            await EndAsync();
            return;
        }

        await EchoAsync();
    }

    private async Task EchoAsync()
    {

        try
        {
            while (await FrameAsync())
            {
            }
        }
        catch (PeerOffence offence)
        {
            await FailAsync(offence.Code);
        }
    }

    /// <summary>Reads and answers a frame.</summary>
    /// <returns>Whether another one may follow.</returns>
    private async Task<bool> FrameAsync()
    {
        if (Has(Mistake.ReadsHeadersWithOneRead) && _end - _start < 2)
        {
            await MoreAsync();
        }

        if (!Has(Mistake.ReadsHeadersWithOneRead) && !await HaveAsync(2))
        {
            await LostAsync();
            return false;
        }

        int first = _input[_start];
        int second = _input[_start + 1];
        var frame = new FrameStart((first & 0x80) != 0, (first >> 4) & 7, first & 0xF, (second & 0x80) != 0, second & 0x7F);
        Judge(frame);
        if (!await HaveAsync(frame.HeaderSize))
        {
            await LostAsync();
            return false;
        }

        long length = Length(frame);
        uint key = frame.Masked ? BinaryPrimitives.ReadUInt32LittleEndian(_input.AsSpan(_start + frame.HeaderSize - 4)) : 0;
        _start += frame.HeaderSize;
        if (Has(Mistake.KeepsTheKeyOfTheFirstFrame))
        {
            key = _firstKey ??= key;
        }

        return frame.Opcode switch
        {
            _ when _closed => await AfterCloseAsync(frame, length, key),
            >= Close => await ControlAsync(frame, await ControlPayloadAsync(length, key)),
            _ => await DataAsync(frame, length, key),
        };
    }

    private uint? _firstKey;
    private bool _sentClose;

    /// <summary>Reads the next bytes of a payload, and unmasks them.</summary>
    private async Task<Memory<byte>> PayloadAsync(long at, long length, uint key)
    {
        if (_start == _end && !await MoreAsync())
        {
            throw new IOException("The peer has gone in the middle of a frame.");
        }

        Memory<byte> bytes = _input.AsMemory(_start, (int)Math.Min(length - at, _end - _start));
        _start += bytes.Length;
        bool skip = Has(Mistake.SkipsTheKeyWhenItIsZero) && (key & 0xFF) == 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            long position = Has(Mistake.UnmasksAnewAfterEachRead) ? i : at + i;
            bool last = position == length - 1;
            if (!skip && !(last && Has(Mistake.ForgetsToUnmaskTheLastByte)))
            {
                bytes.Span[i] ^= (byte)(key >> (8 * (int)(position & 3)));
            }
        }

        if (Has(Mistake.LosesWhatFollowsInTheSameRead) && at + bytes.Length == length)
        {
            _start = _end;
        }

        return bytes;
    }

    /// <summary>Waits for so many bytes; <see langword="false"/> at the end of the stream.</summary>
    private async Task<bool> HaveAsync(int count)
    {
        while (_end - _start < count)
        {
            if (!await MoreAsync())
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> MoreAsync()
    {
        _input.AsSpan(_start, _end - _start).CopyTo(_input);
        (_start, _end) = (0, _end - _start);
        int read = await ReadAsync(_input.AsMemory(_end));
        _end += read;
        return read > 0;
    }

    private async Task<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, stopping);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Sends a frame.</summary>
    private async Task SendAsync(int opcode, ReadOnlyMemory<byte> payload, bool fin = true)
    {
        byte[] frame = new byte[14 + payload.Length];
        int rsv = Has(Mistake.SetsRsv1OnItsMessages) && opcode < Close ? 0x40 : 0;
        frame[0] = (byte)((fin ? 0x80 : 0) | rsv | opcode);
        int size = WriteLength(frame, payload.Length);
        payload.CopyTo(frame.AsMemory(size));
        if (Masks(opcode, payload.Length))
        {
            frame[1] |= 0x80;
            uint key = NextKey();
            BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(size), key);
            size += 4;
            payload.CopyTo(frame.AsMemory(size));
            Mask(frame.AsSpan(size, payload.Length), key);
        }

        _sentClose |= opcode == Close;

        ReadOnlyMemory<byte> rest = frame.AsMemory(0, size + payload.Length);
        while (!rest.IsEmpty)
        {
            rest = rest[await socket.SendAsync(rest, stopping)..];
        }
    }

    private int WriteLength(byte[] frame, int length)
    {
        int shortest = Has(Mistake.Writes125In16Bits) ? 124 : Has(Mistake.Writes126In7Bits) ? 126 : 125;
        int middle = Has(Mistake.Writes65535In64Bits) ? 65534 : Has(Mistake.Writes65536In16Bits) ? 65536 : 65535;
        if (length <= shortest)
        {
            frame[1] = (byte)length;
            return 2;
        }

        if (length <= middle)
        {
            frame[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)length);
            return 4;
        }

        frame[1] = 127;
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), length);
        return 10;
    }

    /// <summary>Ends TCP. A server does so first (RFC 6455 §7.1.1); what still comes is thrown away, lest a reset overtakes what was sent.</summary>
    private async Task EndAsync()
    {
        if (role == PeerRole.Server || !_sentClose || Has(Mistake.EndsTcpBeforeTheServer))
        {
            socket.Shutdown(SocketShutdown.Send);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        while (await socket.ReceiveAsync(_input, patience.Token) > 0)
        {
        }
    }

    /// <summary>The first two bytes of a frame.</summary>
    private readonly record struct FrameStart(bool Fin, int Reserved, int Opcode, bool Masked, int ShortLength)
    {
        public bool IsControl => Opcode >= Close;

        public int HeaderSize => 2 + (ShortLength switch { 126 => 2, 127 => 8, _ => 0 }) + (Masked ? 4 : 0);
    }

    /// <summary>The peer has broken the protocol.</summary>
    private sealed class PeerOffence(int code) : Exception
    {
        public int Code => code;
    }
}
