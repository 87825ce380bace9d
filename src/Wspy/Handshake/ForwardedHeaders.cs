namespace Wspy;

/// <summary>In which header fields a trusted proxy tells for whom it asks.</summary>
public enum ForwardedHeaders
{
    /// <summary>In none; what is there is not looked at.</summary>
    None,

    /// <summary><c>Forwarded</c> (RFC 7239).</summary>
    Forwarded,

    /// <summary><c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>.</summary>
    XForwarded,
}
