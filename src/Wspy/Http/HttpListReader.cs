namespace Wspy;

/// <summary>The elements of a comma-separated list without quoted strings (RFC 9110 §5.6.1), trimmed; each byte is looked at once.</summary>
/// <remarks>Empty elements are skipped, as a recipient must (RFC 9110 §5.6.1.2).</remarks>
internal ref struct HttpListReader(ReadOnlySpan<byte> value)
{
    private ReadOnlySpan<byte> _rest = value;

    /// <summary>The next element that is not empty.</summary>
    public bool TryRead(out ReadOnlySpan<byte> element)
    {
        element = default;
        while (element.IsEmpty && !_rest.IsEmpty)
        {
            int comma = _rest.IndexOf((byte)',');
            element = HttpGrammar.Trim(comma < 0 ? _rest : _rest[..comma]);
            _rest = comma < 0 ? default : _rest[(comma + 1)..];
        }

        return !element.IsEmpty;
    }
}
