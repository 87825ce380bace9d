namespace Wspy;

/// <summary>The first line of a head (RFC 9112 §3, §4), as ranges of the head's bytes.</summary>
internal struct HttpStartLine
{
    /// <summary>The size of <c>HTTP/1.1</c>.</summary>
    private const int VersionSize = 8;

    public Range Method;
    public Range Target;
    public HttpTarget Parts;
    public int StatusCode;
    public Range Reason;
    public int Version;

    /// <summary><c>method SP target SP version</c>, with exactly one space between (RFC 9112 §3).</summary>
    /// <param name="line">The line without its CRLF.</param>
    /// <param name="start">Where it stands in the head.</param>
    public HttpViolation ParseRequestLine(ReadOnlySpan<byte> line, int start)
    {
        int methodEnd = line.IndexOf((byte)' ');
        int targetEnd = line.LastIndexOf((byte)' ');
        if (methodEnd < 0 || targetEnd == methodEnd || !HttpGrammar.IsToken(line[..methodEnd]))
        {
            return HttpViolation.InvalidRequestLine;
        }

        ReadOnlySpan<byte> target = line[(methodEnd + 1)..targetEnd];
        if (target.IsEmpty || target.Contains((byte)' ') || !TryParseVersion(line[(targetEnd + 1)..], out int major, out Version))
        {
            return HttpViolation.InvalidRequestLine;
        }

        if (major != 1)
        {
            return HttpViolation.UnsupportedVersion;
        }

        if (!HttpTarget.TryParse(line[..methodEnd], target, out Parts))
        {
            return HttpViolation.InvalidTarget;
        }

        Method = start..(start + methodEnd);
        Target = (start + methodEnd + 1)..(start + targetEnd);
        return HttpViolation.None;
    }

    /// <summary><c>version SP status SP [reason]</c> (RFC 9112 §4); servers that leave out the second space are common, and understood.</summary>
    /// <inheritdoc cref="ParseRequestLine"/>
    public HttpViolation ParseStatusLine(ReadOnlySpan<byte> line, int start)
    {
        if (line.Length < VersionSize || !TryParseVersion(line[..VersionSize], out int major, out Version))
        {
            return HttpViolation.InvalidStatusLine;
        }

        if (major != 1)
        {
            return HttpViolation.UnsupportedVersion;
        }

        ReadOnlySpan<byte> rest = line[VersionSize..];
        if (rest.Length < 4 || rest[0] != ' ' || !HttpGrammar.IsDigits(rest[1..4]) || rest[1] == '0'
            || (rest.Length > 4 && rest[4] != ' ') || !HttpGrammar.IsFieldValue(rest))
        {
            return HttpViolation.InvalidStatusLine;
        }

        StatusCode = ((rest[1] - '0') * 100) + ((rest[2] - '0') * 10) + (rest[3] - '0');
        int reason = Math.Min(start + VersionSize + 5, start + line.Length);
        Reason = reason..(start + line.Length);
        return HttpViolation.None;
    }

    /// <summary><c>HTTP/</c> in this case, one digit, a point, one digit (RFC 9112 §2.3).</summary>
    private static bool TryParseVersion(ReadOnlySpan<byte> text, out int major, out int minor)
    {
        bool valid = text.Length == VersionSize && text.StartsWith("HTTP/"u8) && text[6] == '.'
            && char.IsAsciiDigit((char)text[5]) && char.IsAsciiDigit((char)text[7]);
        major = valid ? text[5] - '0' : 0;
        minor = valid ? text[7] - '0' : 0;
        return valid;
    }
}
