using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Wspy.Tool.Bench.Load;

/// <summary>Reads what a server sends on one connection, and checks that it is the echo of the template and nothing else.</summary>
/// <remarks>
/// It looks at what a client must look at, and copies nothing: an echo may come in fragments, with pings and pongs between them.
/// Not thread-safe.
/// </remarks>
internal sealed partial class EchoReader(FrameTemplate template, bool verify) : IDisposable
{
    /// <summary>Below this it is cheaper to receive the bytes together with what follows.</summary>
    private const int WorthSkipping = 8 * 1024;

    private const int MaxControlPayload = 125;

    private readonly byte[] _header = new byte[FrameHeader.MaxSize];
    private int _headerCount;
    private byte[]? _control;
    private int _controlCount;

    private Opcode _opcode;
    private bool _fin;
    private bool _inFrame;
    private bool _inMessage;

    // The number of the message in the template's period.
    private int _number;

    // Of the frame's payload, still to come; of the message's payload, already there.
    private long _left;
    private int _messageCount;

    /// <summary>Bytes at the start of what comes next that need not be seen; 0 if there are none worth a call of its own.</summary>
    public long Skippable => !verify && _inFrame && _left >= WorthSkipping ? _left : 0;

    /// <summary>The payload of a ping that came and was not answered yet; the reader's own memory. The latest counts (RFC 6455 §5.5.3).</summary>
    public ReadOnlyMemory<byte>? Ping { get; private set; }

    /// <summary>Takes bytes as received.</summary>
    /// <returns>How many messages became whole.</returns>
    /// <exception cref="LoadException">They are no echo.</exception>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        int completed = 0;
        while (true)
        {
            if (!_inFrame && !TryReadHeader(ref bytes))
            {
                return completed;
            }

            int count = (int)Math.Min(bytes.Length, _left);
            if (_opcode >= Opcode.Close)
            {
                TakeControl(bytes[..count]);
            }
            else
            {
                TakeData(bytes[..count], end: _fin && count == _left);
            }

            bytes = bytes[count..];
            _left -= count;
            if (_left > 0)
            {
                return completed;
            }

            completed += EndFrame();
        }
    }

    /// <summary>Passes over bytes that were received and thrown away, at most <see cref="Skippable"/>.</summary>
    /// <returns>How many messages became whole.</returns>
    public int Skip(long count)
    {
        _left -= count;
        _messageCount += _deflated ? 0 : (int)count;
        return _left > 0 ? 0 : EndFrame();
    }

    /// <summary>The ping is answered.</summary>
    public void ForgetPing() => Ping = null;

    // False when the header goes on in what is received next.
    private bool TryReadHeader(ref ReadOnlySpan<byte> bytes)
    {
        if (_headerCount == 0)
        {
            OperationStatus status = FrameHeader.TryParse(bytes, out FrameHeader header, out int size);
            if (status == OperationStatus.Done)
            {
                bytes = bytes[size..];
                Begin(header);
                return true;
            }

            if (status == OperationStatus.InvalidData)
            {
                ThrowLength();
            }
        }

        return TryCompleteHeader(ref bytes);
    }

    private bool TryCompleteHeader(ref ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _header[_headerCount++] = bytes[0];
            bytes = bytes[1..];
            OperationStatus status = FrameHeader.TryParse(_header.AsSpan(0, _headerCount), out FrameHeader header, out _);
            if (status == OperationStatus.InvalidData)
            {
                ThrowLength();
            }

            if (status == OperationStatus.Done)
            {
                _headerCount = 0;
                Begin(header);
                return true;
            }
        }

        return false;
    }

    private void Begin(in FrameHeader header)
    {
        if (header.IsMasked || !header.IsMinimal || (header.Reserved != ReservedBits.None && !MayBeDeflated(header)))
        {
            ThrowHeader(header);
        }

        _opcode = header.Opcode;
        _fin = header.Fin;
        _left = header.PayloadLength;
        _inFrame = true;
        if (_opcode >= Opcode.Close)
        {
            BeginControl(header);
            return;
        }

        // RFC 6455 §5.4: a message begins with its type and goes on with continuations.
        if (_inMessage ? _opcode != Opcode.Continuation : _opcode != template.Opcode)
        {
            ThrowOpcode();
        }

        if (!_inMessage)
        {
            BeginMessage(header);
        }

        // Not as a sum, which could overflow.
        if (!_deflated && _left > template.Size - _messageCount)
        {
            ThrowTooLong(_left);
        }
    }

    private void BeginControl(in FrameHeader header)
    {
        // RFC 6455 §5.5
        if (!header.Fin || header.PayloadLength > MaxControlPayload || header.Opcode > Opcode.Pong)
        {
            ThrowHeader(header);
        }

        _control ??= new byte[MaxControlPayload];
        _controlCount = 0;
    }

    private void TakeControl(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_control.AsSpan(_controlCount));
        _controlCount += bytes.Length;
    }

    private int EndFrame()
    {
        _inFrame = false;
        if (_opcode >= Opcode.Close)
        {
            EndControl();
            return 0;
        }

        if (!_fin)
        {
            return 0;
        }

        if (_messageCount != template.Size && (verify || !_deflated))
        {
            ThrowTooShort();
        }

        _inMessage = false;
        _messageCount = 0;
        _number = _number + 1 == template.Count ? 0 : _number + 1;
        return 1;
    }

    private void EndControl()
    {
        if (_opcode == Opcode.Close)
        {
            ThrowClosed(_control.AsSpan(0, _controlCount));
        }

        if (_opcode == Opcode.Ping)
        {
            Ping = _control.AsMemory(0, _controlCount).ToArray();
        }
    }

    private void Verify(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> expected = template.Payloads[_number].AsSpan(_messageCount, bytes.Length);
        if (!bytes.SequenceEqual(expected))
        {
            ThrowDifferent(bytes, expected);
        }
    }

    [DoesNotReturn]
    private void ThrowDifferent(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> expected)
    {
        int at = bytes.CommonPrefixLength(expected);
        throw new LoadException($"An echo differs from what was sent: byte {_messageCount + at:N0} of {template.Size:N0} is 0x{bytes[at]:X2}, not 0x{expected[at]:X2}.");
    }

    [DoesNotReturn]
    private void ThrowTooLong(long length) =>
        throw new LoadException($"An echo is too long: a frame of {length:N0} bytes came where {template.Size - _messageCount:N0} of {template.Size:N0} were left.");

    [DoesNotReturn]
    private void ThrowTooShort() =>
        throw new LoadException($"An echo is too short: {_messageCount:N0} bytes came back for {template.Size:N0}.");

    [DoesNotReturn]
    private void ThrowOpcode() =>
        throw new LoadException($"The server sent a frame of opcode {_opcode}, where {(_inMessage ? Opcode.Continuation : template.Opcode)} was due.");

    [DoesNotReturn]
    private static void ThrowHeader(in FrameHeader header)
    {
        string mistake = header.IsMasked ? "is masked (RFC 6455 §5.1)"
            : header.Reserved != ReservedBits.None ? $"has reserved bits set, {header.Reserved}, for which no extension was agreed on (§5.2)"
            : !header.IsMinimal ? "has its length in more bytes than it needs (§5.2)"
            : $"is no control frame as there may be one: opcode {header.Opcode}, {header.PayloadLength:N0} bytes{(header.Fin ? "" : ", fragmented")} (§5.5)";
        throw new LoadException($"A frame of the server {mistake}.");
    }

    [DoesNotReturn]
    private static void ThrowLength() => throw new LoadException("A frame of the server has a length of 2^63 or more (RFC 6455 §5.2).");

    [DoesNotReturn]
    private static void ThrowClosed(ReadOnlySpan<byte> payload)
    {
        string code = payload.Length < 2 ? "without a code" : $"with code {BinaryPrimitives.ReadUInt16BigEndian(payload)}";
        string reason = payload.Length > 2 ? $": {Encoding.UTF8.GetString(payload[2..])}" : ".";
        throw new LoadException($"The server closed a connection {code}{reason}");
    }
}
