using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Wspy.Handshake;

/// <summary>The key of an opening handshake and the answer that proves that it was read (RFC 6455 §4.1, §4.2.2).</summary>
/// <remarks>Stateless, and safe from any thread.</remarks>
public static class HandshakeKey
{
    /// <summary>The size of a key in bytes, before it is encoded.</summary>
    public const int Size = 16;

    /// <summary>The length of an encoded key: 16 bytes in base64.</summary>
    public const int EncodedLength = 24;

    /// <summary>The length of an encoded answer: the 20 bytes of a SHA-1 hash in base64.</summary>
    public const int AcceptLength = 28;

    /// <summary>The text that no server would append by chance (RFC 6455 §1.3).</summary>
    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>A fresh key of 16 random bytes from a cryptographic generator, in base64.</summary>
    public static string Create() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size));

    /// <summary>
    /// Whether this is base64 of exactly 16 bytes, in canonical form (RFC 4648 §3.5): padded, without whitespace, and with
    /// zeros in the bits that do not count.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> key)
    {
        // The decoder refuses a missing padding and superfluous bits; the whitespace that it skips would leave too few characters.
        Span<byte> bytes = stackalloc byte[EncodedLength];
        return key.Length == EncodedLength
            && Base64.DecodeFromUtf8(key, bytes, out _, out int written) == OperationStatus.Done
            && written == Size;
    }

    /// <summary>The value of <c>Sec-WebSocket-Accept</c> for a key: base64 of SHA-1 of the key as sent and a fixed text (RFC 6455 §4.2.2).</summary>
    /// <param name="key">An encoded key, 24 characters of ASCII.</param>
    /// <exception cref="ArgumentException">The key is not valid.</exception>
    public static string ComputeAccept(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        byte[] bytes = Encoding.UTF8.GetBytes(key);
        if (!IsValid(bytes))
        {
            throw new ArgumentException("A key is 16 bytes in base64 (RFC 6455 §4.1).", nameof(key));
        }

        Span<byte> accept = stackalloc byte[AcceptLength];
        ComputeAccept(bytes, accept);
        return Encoding.ASCII.GetString(accept);
    }

    /// <summary>Writes the 28 bytes of the answer to a valid key.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 §4.2.2 fixes SHA-1; it proves that the key was read, and guards no secret.")]
    internal static void ComputeAccept(ReadOnlySpan<byte> key, Span<byte> accept)
    {
        Span<byte> input = stackalloc byte[EncodedLength + 36];
        key.CopyTo(input);
        Guid.CopyTo(input[EncodedLength..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input, hash);
        Base64.EncodeToUtf8(hash, accept, out _, out _);
    }
}
