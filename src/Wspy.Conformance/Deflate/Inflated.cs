namespace Wspy.Conformance.Deflate;

/// <summary>What became of a compressed message, and how it was made.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="Size">Of what was received.</param>
/// <param name="Blocks">The blocks in order, the last one being that which the flush ends with.</param>
/// <param name="Farthest">The longest distance that was referred to.</param>
/// <param name="RefersBack">Whether something refers to messages before.</param>
internal sealed record Inflated(byte[] Bytes, int Size, IReadOnlyList<BlockKind> Blocks, int Farthest, bool RefersBack);
