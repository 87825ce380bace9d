using System.Security.Cryptography;
using System.Text;

namespace Wspy;

/// <summary>Secrets, compared so that the time tells nothing about them.</summary>
public static class Secrets
{
    /// <summary>Whether two texts are the same: hashes of equal length are compared, in a time that does not depend on where they differ.</summary>
    /// <param name="given">What a peer sent.</param>
    /// <param name="expected">What it should be.</param>
    public static bool Match(ReadOnlySpan<char> given, ReadOnlySpan<char> expected)
    {
        Span<byte> first = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> second = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(given, first);
        Hash(expected, second);
        return CryptographicOperations.FixedTimeEquals(first, second);
    }

    private static void Hash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int count = Encoding.UTF8.GetBytes(text, bytes);
        SHA256.HashData(bytes.AsSpan(0, count), hash);
        CryptographicOperations.ZeroMemory(bytes);
    }
}
