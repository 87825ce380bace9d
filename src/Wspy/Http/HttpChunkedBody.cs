using Wspy.Buffers;

namespace Wspy;

/// <summary>Takes a body apart that comes in chunks (RFC 9112 §7.1): the content is kept, sizes, extensions and trailers are not.</summary>
/// <remarks>One body; not thread-safe. Strict about sizes and the ends of lines: where those are wrong, nobody knows where the body ends.</remarks>
internal sealed class HttpChunkedBody
{
    /// <summary>Hexadecimal digits of a size that fits 63 bits.</summary>
    private const int MaxDigits = 15;

    private Part _part;
    private long _size;
    private int _digits;

    /// <summary>Whether the last chunk is there, and the end of the trailers behind it.</summary>
    public bool IsComplete => _part == Part.Complete;

    /// <summary>Takes bytes up to the end of the body.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <param name="content">Gets the content.</param>
    /// <param name="maxSize">The most content that is kept; more is not taken.</param>
    /// <returns>True when nothing more is to be expected: the body is complete, or as large as it may be, or malformed.</returns>
    public bool Receive(ref ReadOnlySpan<byte> input, PooledBuffer content, int maxSize)
    {
        while (!input.IsEmpty && _part < Part.Complete && content.Count < maxSize)
        {
            if (_part == Part.Content)
            {
                int count = (int)Math.Min(Math.Min(_size, input.Length), maxSize - content.Count);
                input[..count].CopyTo(content.GetSpan(count));
                content.Advance(count);
                input = input[count..];
                _size -= count;
                _part = _size == 0 ? Part.ContentEnd : Part.Content;
            }
            else
            {
                _part = Take(input[0]);
                input = input[1..];
            }
        }

        return _part >= Part.Complete || content.Count >= maxSize;
    }

    private Part Take(byte next) => (_part, next) switch
    {
        (Part.Size, (byte)'\r') when _digits > 0 => Part.SizeLineFeed,
        (Part.Size, (byte)';' or (byte)' ' or (byte)'\t') when _digits > 0 => Part.Extension,
        (Part.Size, _) when char.IsAsciiHexDigit((char)next) && _digits < MaxDigits => AddDigit(next),
        (Part.Extension, (byte)'\r') => Part.SizeLineFeed,
        (Part.Extension, not (byte)'\n') => Part.Extension,
        (Part.SizeLineFeed, (byte)'\n') => _size > 0 ? Part.Content : Part.Trailers,
        (Part.ContentEnd, (byte)'\r') => Part.ContentLineFeed,
        (Part.ContentLineFeed, (byte)'\n') => BeginChunk(),
        (Part.Trailers, (byte)'\r') => Part.LastLineFeed,
        (Part.Trailers or Part.Trailer, not ((byte)'\r' or (byte)'\n')) => Part.Trailer,
        (Part.Trailer, (byte)'\r') => Part.TrailerLineFeed,
        (Part.TrailerLineFeed, (byte)'\n') => Part.Trailers,
        (Part.LastLineFeed, (byte)'\n') => Part.Complete,
        _ => Part.Malformed,
    };

    private Part AddDigit(byte digit)
    {
        _digits++;
        _size = (_size * 16) + HttpGrammar.ToHexValue((char)digit);
        return Part.Size;
    }

    private Part BeginChunk()
    {
        _digits = 0;
        return Part.Size;
    }

    private enum Part : byte
    {
        Size,
        Extension,
        SizeLineFeed,
        Content,
        ContentEnd,
        ContentLineFeed,
        Trailers,
        Trailer,
        TrailerLineFeed,
        LastLineFeed,
        Complete,
        Malformed,
    }
}
