namespace Wspy;

/// <summary>A parameter of a challenge or of credentials (RFC 9110 §11.2): <c>realm="chat"</c>.</summary>
/// <param name="Name">A token; case does not count.</param>
/// <param name="Value">The value without quotes and escapes. In received ones each character is a byte (Latin-1), so that UTF-8 is for the scheme to decode.</param>
/// <param name="IsQuoted">Whether it is written as a quoted string; some parameters of Digest must be, and some must not (RFC 7616 §3.3).</param>
public sealed record AuthenticationParameter(string Name, string Value, bool IsQuoted = true)
{
    /// <summary>The name alone: the value may be a secret.</summary>
    public override string ToString() => Name;
}
