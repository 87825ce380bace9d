namespace Wspy;

/// <summary>A hash of Digest (RFC 7616 §3.3).</summary>
public enum DigestAlgorithm
{
    /// <summary>MD5: broken as a hash, and all that some old clients know.</summary>
    Md5,

    /// <summary>SHA-256.</summary>
    Sha256,
}
