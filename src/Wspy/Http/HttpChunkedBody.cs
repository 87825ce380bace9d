namespace Wspy;

/// <summary>Takes a body in chunks apart (RFC 9112 §7.1). Extensions and trailers are passed over.</summary>
internal struct HttpChunkedBody
{
    /// <summary>Fifteen hexadecimal digits cannot overflow a <see cref="long"/>.</summary>
    private const int MaxDigits = 15;

    private State _state;
    private long _left;
    private int _digits;

    private enum State : byte
    {
        Size,
        Extension,
        SizeLineFeed,
        Data,
        DataReturn,
        DataLineFeed,
        Trailer,
        TrailerLine,
        LastLineFeed,
        Complete,
        Broken,
    }

    /// <summary>Whether the body is complete, or broken; then nothing more is taken.</summary>
    public readonly bool IsOver => _state >= State.Complete;

    /// <summary>The next piece of the body.</summary>
    /// <param name="input">What has come; what is taken is cut off.</param>
    /// <returns>Nothing when more must come first, or when the body is over.</returns>
    public ReadOnlySpan<byte> Next(scoped ref ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty && !IsOver)
        {
            if (_state == State.Data)
            {
                ReadOnlySpan<byte> piece = input[..(int)Math.Min(_left, input.Length)];
                input = input[piece.Length..];
                _left -= piece.Length;
                _state = _left == 0 ? State.DataReturn : State.Data;
                return piece;
            }

            _state = After(input[0]);
            input = input[1..];
        }

        return default;
    }

    private State After(byte value) => _state switch
    {
        State.Size when char.IsAsciiHexDigit((char)value) && _digits < MaxDigits => Count(value),
        State.Size when _digits > 0 && value == '\r' => State.SizeLineFeed,
        State.Size when _digits > 0 && value is (byte)';' or (byte)' ' or (byte)'\t' => State.Extension,
        State.Extension when value != '\n' => value == '\r' ? State.SizeLineFeed : State.Extension,
        State.SizeLineFeed when value == '\n' => _left == 0 ? State.Trailer : State.Data,
        State.DataReturn when value == '\r' => State.DataLineFeed,
        State.DataLineFeed when value == '\n' => Begin(),
        State.Trailer => value == '\r' ? State.LastLineFeed : State.TrailerLine,
        State.TrailerLine => value == '\n' ? State.Trailer : State.TrailerLine,
        State.LastLineFeed when value == '\n' => State.Complete,
        _ => State.Broken,
    };

    private State Count(byte digit)
    {
        _left = (_left << 4) | (uint)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        _digits++;
        return State.Size;
    }

    private State Begin()
    {
        _digits = 0;
        return State.Size;
    }
}
