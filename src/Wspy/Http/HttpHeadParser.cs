namespace Wspy;

/// <summary>Reads the head of an HTTP/1 message (RFC 9112) from bytes as they arrive, and judges each line when it is complete.</summary>
/// <remarks>
/// <para>Each byte is copied and searched once, however the input is cut, so the time is linear. Memory grows with what has arrived,
/// up to <see cref="MaxHeadSize"/>; the head gets a copy that is no larger than it is.</para>
/// <para>For what is refused see <see cref="HttpViolation"/>. One head per parser, unless <see cref="Reset"/>; not thread-safe.</para>
/// </remarks>
public sealed class HttpHeadParser
{
    /// <summary>The default of <see cref="MaxHeadSize"/>: 16 KiB, room for a browser's largest cookies.</summary>
    public const int DefaultMaxHeadSize = 16 * 1024;

    /// <summary>The default of <see cref="MaxHeaderCount"/>.</summary>
    public const int DefaultMaxHeaderCount = 100;

    /// <summary>A head that arrives in one piece of up to this size is put together without growing.</summary>
    private const int MaxFirstBuffer = 1024;

    private readonly HttpHeadKind _kind;
    private byte[] _buffer = [];
    private HttpField[] _fields = [];
    private HttpStartLine _startLine;
    private int _length;
    private int _lineStart;
    private int _fieldCount;
    private bool _hasStartLine;
    private HttpHeadStatus _status;

    /// <summary>Creates a parser for one head.</summary>
    public HttpHeadParser(HttpHeadKind kind) => _kind = kind;

    /// <summary>The largest head in bytes, from its first line to the empty line that ends it.</summary>
    /// <value>16,384 bytes by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxHeadSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(MaxHeadSize));
            field = Math.Min(value, Array.MaxLength);
        }
    }

    = DefaultMaxHeadSize;

    /// <summary>The largest number of header lines.</summary>
    /// <value>100 by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxHeaderCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxHeaderCount));
            field = value;
        }
    }

    = DefaultMaxHeaderCount;

    /// <summary>What is wrong with the head, once <see cref="Receive"/> has returned <see cref="HttpHeadStatus.Invalid"/>.</summary>
    public HttpViolation Violation { get; private set; }

    /// <summary>The head of a request, once it is complete.</summary>
    public HttpRequestHead? Request { get; private set; }

    /// <summary>The head of a response, once it is complete.</summary>
    public HttpResponseHead? Response { get; private set; }

    /// <summary>The number of bytes taken for this head so far.</summary>
    public int Length => _length;

    /// <summary>Takes bytes up to and including the empty line that ends the head; what follows stays in <paramref name="input"/>.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off. At a violation, the line that has it has been taken.</param>
    /// <returns>The status, which stays once it is not <see cref="HttpHeadStatus.NeedMoreData"/>; nothing is taken any more then.</returns>
    public HttpHeadStatus Receive(ref ReadOnlySpan<byte> input)
    {
        while (_status == HttpHeadStatus.NeedMoreData && !input.IsEmpty)
        {
            if (!_hasStartLine && _length == _lineStart && !MayStart(input[0]))
            {
                input = input[1..];
                Fail(_kind == HttpHeadKind.Request ? HttpViolation.InvalidRequestLine : HttpViolation.InvalidStatusLine);
                break;
            }

            ReadOnlySpan<byte> window = input[..Math.Min(input.Length, MaxHeadSize - _length)];
            int lineFeed = window.IndexOf((byte)'\n');
            Append(lineFeed < 0 ? window : window[..(lineFeed + 1)], input.Length);
            input = input[(lineFeed < 0 ? window.Length : lineFeed + 1)..];
            if (lineFeed >= 0)
            {
                HttpViolation violation = TakeLine();
                if (violation != HttpViolation.None)
                {
                    Fail(violation);
                }
            }

            if (_length == MaxHeadSize && _status == HttpHeadStatus.NeedMoreData)
            {
                bool inTarget = _kind == HttpHeadKind.Request && !_hasStartLine;
                Fail(inTarget ? HttpViolation.TargetTooLong : HttpViolation.HeadTooLarge);
            }
        }

        return _status;
    }

    /// <summary>Makes the parser ready for another head, such as the final response after an interim one (RFC 9110 §15.2).</summary>
    public void Reset()
    {
        (_buffer, _fields, _startLine, _length, _lineStart, _fieldCount) = ([], [], default, 0, 0, 0);
        (_hasStartLine, _status, Violation, Request, Response) = (false, default, default, null, null);
    }

    /// <summary>A peer that speaks another protocol, such as TLS, is refused at its first byte instead of at the size limit.</summary>
    private bool MayStart(byte first) =>
        _kind == HttpHeadKind.Response ? first == 'H' : HttpGrammar.IsTokenByte(first) || first is (byte)'\r' or (byte)'\n';

    private void Append(ReadOnlySpan<byte> bytes, int arrived)
    {
        int needed = _length + bytes.Length;
        if (needed > _buffer.Length)
        {
            long size = Math.Max(Math.Max(needed, 2L * _buffer.Length), Math.Clamp(arrived, 128, MaxFirstBuffer));
            Array.Resize(ref _buffer, (int)Math.Min(size, MaxHeadSize));
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length = needed;
    }

    private HttpViolation TakeLine()
    {
        int start = _lineStart;
        ReadOnlySpan<byte> line = _buffer.AsSpan(start, _length - start - 1);
        _lineStart = _length;

        // RFC 9112 §2.2: a bare LF may be taken for a line's end, and a bare CR must not be; both are refused.
        if (line.IsEmpty || line[^1] != '\r')
        {
            return HttpViolation.BareLf;
        }

        line = line[..^1];
        if (line.Contains((byte)'\r'))
        {
            return HttpViolation.BareCr;
        }

        return _hasStartLine ? TakeField(line, start) : TakeStartLine(line, start);
    }

    private HttpViolation TakeStartLine(ReadOnlySpan<byte> line, int start)
    {
        // RFC 9112 §2.2: at least one empty line before the request line should be ignored; one is.
        if (_kind == HttpHeadKind.Request && line.IsEmpty && start == 0)
        {
            return HttpViolation.None;
        }

        _hasStartLine = true;
        return _kind == HttpHeadKind.Request ? _startLine.ParseRequestLine(line, start) : _startLine.ParseStatusLine(line, start);
    }

    private HttpViolation TakeField(ReadOnlySpan<byte> line, int start)
    {
        if (line.IsEmpty)
        {
            return Complete();
        }

        if (_fieldCount == MaxHeaderCount)
        {
            return HttpViolation.TooManyHeaders;
        }

        if (line[0] is (byte)' ' or (byte)'\t')
        {
            return HttpViolation.ObsoleteFolding;
        }

        int colon = line.IndexOf((byte)':');
        if (colon > 0 && line[colon - 1] is (byte)' ' or (byte)'\t')
        {
            return HttpViolation.WhitespaceBeforeColon;
        }

        if (colon < 0 || !HttpGrammar.IsToken(line[..colon]))
        {
            return HttpViolation.InvalidName;
        }

        ReadOnlySpan<byte> value = line[(colon + 1)..];
        if (!HttpGrammar.IsFieldValue(value))
        {
            return HttpViolation.InvalidValue;
        }

        if (_fieldCount == _fields.Length)
        {
            Array.Resize(ref _fields, Math.Max(16, 2 * _fieldCount));
        }

        int leading = value.Length - value.TrimStart(" \t"u8).Length;
        _fields[_fieldCount++] = new HttpField(start, colon, start + colon + 1 + leading, HttpGrammar.Trim(value).Length);
        return HttpViolation.None;
    }

    private HttpViolation Complete()
    {
        // The head lives as long as its connection: nothing is kept that is not part of it.
        var headers = new HttpReceivedHeaders(_buffer.AsSpan(0, _length), _fields.AsSpan(0, _fieldCount));
        if (!HttpFraming.IsCertain(headers))
        {
            return HttpViolation.InvalidFraming;
        }

        _status = HttpHeadStatus.Complete;
        if (_kind == HttpHeadKind.Request)
        {
            Request = new HttpRequestHead(_startLine.Method, _startLine.Target, _startLine.Parts, _startLine.Version, headers);
        }
        else
        {
            Response = HttpResponseHead.Create(_startLine.StatusCode, _buffer.AsSpan(_startLine.Reason), _startLine.Version, headers);
        }

        return HttpViolation.None;
    }

    private void Fail(HttpViolation violation)
    {
        Violation = violation;
        _status = HttpHeadStatus.Invalid;
    }
}
