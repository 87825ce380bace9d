using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Wspy;

/// <summary>Fresh masking keys from a cryptographic generator (RFC 6455 §5.3, §10.3), drawn in blocks since a draw costs as much as a small frame.</summary>
/// <remarks>Safe from any thread: each thread has its own block.</remarks>
internal static class MaskingKeys
{
    /// <summary>One kilobyte of randomness per thread that masks.</summary>
    private const int BlockLength = 256;

    [ThreadStatic]
    private static uint[]? t_block;

    [ThreadStatic]
    private static int t_used;

    public static uint Next()
    {
        uint[] block = t_block ??= Start();
        if (t_used == BlockLength)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(block.AsSpan()));
            t_used = 0;
        }

        return block[t_used++];
    }

    private static uint[] Start()
    {
        t_used = BlockLength;
        return new uint[BlockLength];
    }
}
