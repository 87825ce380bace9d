using static Wspy.Conformance.Deflate.DeflateTables;

namespace Wspy.Conformance.Deflate;

/// <summary>
/// Inflates the messages of one direction, and judges them: each bit as RFC 1951 has it, no reference beyond the window that was
/// agreed on, and none to earlier messages unless the context is taken over.
/// </summary>
internal sealed class Inflater(int windowBits, bool takeover, int maxMessage = Inflater.MaxMessage)
{
    /// <summary>More than any case of the catalogue makes a peer send.</summary>
    public const int MaxMessage = 320 << 20;

    private readonly int _window = 1 << windowBits;
    private byte[] _output = new byte[4096];
    private int _history;
    private int _end;
    private int _farthest;
    private bool _refersBack;

    /// <summary>Whether a message had more bytes than it may have.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>Inflates the payload of a message.</summary>
    /// <exception cref="InvalidDataException">It is not what RFC 7692 §7.2.1 makes; nothing more can be inflated then.</exception>
    public Inflated Inflate(ReadOnlySpan<byte> payload)
    {
        KeepHistory();
        _farthest = 0;
        _refersBack = false;

        // §7.2.2: what the sender took away is appended, and then nothing but whole blocks is there.
        var input = new BitReader([.. payload, .. Tail]);
        List<BlockKind> blocks = [];
        int start = _end;
        while (!input.AtEnd)
        {
            start = _end;
            blocks.Add(Block(input));
        }

        if (blocks[^1] != BlockKind.Stored || _end != start)
        {
            // What was appended became data of a block that is longer.
            throw new InvalidDataException("data that ends within a block");
        }

        return new Inflated(_output.AsSpan(_history, _end - _history).ToArray(), payload.Length, blocks, _farthest, _refersBack);
    }

    private void KeepHistory()
    {
        int kept = takeover ? Math.Min(_end, _window) : 0;
        _output.AsSpan(_end - kept, kept).CopyTo(_output);
        _history = _end = kept;
    }

    private BlockKind Block(BitReader input)
    {
        bool final = input.Read(1) == 1;
        int kind = input.Read(2);
        switch (kind)
        {
            case 0:
                Stored(input);
                break;
            case 1:
                Compressed(input, new HuffmanDecoder(FixedLengths, mayBeIncomplete: false), new HuffmanDecoder(FixedDistances, mayBeIncomplete: false));
                break;
            case 2:
                Dynamic(input);
                break;
            default:
                throw new InvalidDataException("a block of the reserved type 3");
        }

        if (final)
        {
            // RFC 7692 §7.2.3.4: what follows a final block begins with a byte of its own.
            input.Align();
        }

        return (BlockKind)kind;
    }

    private void Stored(BitReader input)
    {
        input.Align();
        int length = input.Read(16);
        if (input.Read(16) != (length ^ 0xFFFF))
        {
            throw new InvalidDataException("a stored block whose two lengths differ");
        }

        input.Bytes(length).CopyTo(Room(length));
    }

    private void Dynamic(BitReader input)
    {
        int lengths = input.Read(5) + 257;
        int distances = input.Read(5) + 1;
        int codes = input.Read(4) + 4;
        if (lengths > LengthSymbols || distances > DistanceSymbols)
        {
            throw new InvalidDataException("a dynamic block with symbols that do not exist");
        }

        byte[] bits = new byte[19];
        for (int i = 0; i < codes; i++)
        {
            bits[CodeLengthOrder[i]] = (byte)input.Read(3);
        }

        var code = new HuffmanDecoder(bits, mayBeIncomplete: false);
        byte[] all = new byte[lengths + distances];
        for (int i = 0; i < all.Length;)
        {
            int symbol = code.Read(input);
            if (symbol < 16)
            {
                all[i++] = (byte)symbol;
                continue;
            }

            if (symbol == 16 && i == 0)
            {
                throw new InvalidDataException("a repeated code length that is the first one");
            }

            byte value = symbol == 16 ? all[i - 1] : (byte)0;
            int times = symbol switch { 16 => 3 + input.Read(2), 17 => 3 + input.Read(3), _ => 11 + input.Read(7) };
            if (times > all.Length - i)
            {
                throw new InvalidDataException("more code lengths than there are symbols");
            }

            all.AsSpan(i, times).Fill(value);
            i += times;
        }

        if (all[EndOfBlock] == 0)
        {
            throw new InvalidDataException("a dynamic block that cannot end");
        }

        Compressed(input, new HuffmanDecoder(all.AsSpan(0, lengths), mayBeIncomplete: false), new HuffmanDecoder(all.AsSpan(lengths), mayBeIncomplete: true));
    }

    private void Compressed(BitReader input, HuffmanDecoder lengths, HuffmanDecoder distances)
    {
        while (true)
        {
            int symbol = lengths.Read(input);
            if (symbol < EndOfBlock)
            {
                Room(1)[0] = (byte)symbol;
                continue;
            }

            if (symbol == EndOfBlock)
            {
                return;
            }

            if (symbol >= LengthSymbols)
            {
                throw new InvalidDataException($"the length symbol {symbol}, which does not exist");
            }

            int length = LengthBase[symbol - 257] + input.Read(LengthExtra[symbol - 257]);
            int far = distances.Read(input);
            if (far >= DistanceSymbols)
            {
                throw new InvalidDataException($"the distance symbol {far}, which does not exist");
            }

            Copy(length, DistanceBase[far] + input.Read(DistanceExtra[far]));
        }
    }

    private void Copy(int length, int distance)
    {
        if (distance > _window)
        {
            throw new InvalidDataException($"a distance of {distance:N0} in a window of {_window:N0} bytes");
        }

        int from = _end - distance;
        if (from < 0)
        {
            throw new InvalidDataException(takeover ? $"a distance of {distance:N0} after {_end:N0} bytes"
                : $"a distance of {distance:N0} after {_end:N0} bytes of a message, although the context is not taken over");
        }

        _farthest = Math.Max(_farthest, distance);
        _refersBack |= from < _history;
        Span<byte> target = Room(length);
        for (int i = 0; i < length; i++)
        {
            // Byte by byte: a match may overlap what it makes (RFC 1951 §3.2.3).
            target[i] = _output[from + i];
        }
    }

    private Span<byte> Room(int count)
    {
        if (_end - _history > maxMessage - count)
        {
            IsTooLarge = true;
            throw new InvalidDataException($"more than {maxMessage:N0} bytes of a message");
        }

        if (_output.Length - _end < count)
        {
            Array.Resize(ref _output, Math.Max(_output.Length * 2, _end + count));
        }

        _end += count;
        return _output.AsSpan(_end - count, count);
    }
}
