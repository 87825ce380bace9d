namespace Wspy.Conformance.Deflate;

/// <summary>BTYPE (RFC 1951 §3.2.3).</summary>
internal enum BlockKind
{
    Stored,
    Fixed,
    Dynamic,
}
