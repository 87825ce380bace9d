using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Wspy.Handshake;

/// <summary>The sums of Digest (RFC 7616 §3.4). Texts are such that each character is a byte of the wire.</summary>
internal static class DigestHash
{
    public static string NameOf(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? "SHA-256" : "MD5";

    /// <summary>Reads an algorithm's name; none means MD5 (RFC 7616 §3.3).</summary>
    public static bool TryParse(string? name, out DigestAlgorithm algorithm, out bool isSession)
    {
        name ??= "MD5";
        isSession = name.EndsWith("-sess", StringComparison.OrdinalIgnoreCase);
        string hash = isSession ? name[..^5] : name;
        algorithm = hash.Equals("SHA-256", StringComparison.OrdinalIgnoreCase) ? DigestAlgorithm.Sha256 : DigestAlgorithm.Md5;
        return algorithm == DigestAlgorithm.Sha256 || hash.Equals("MD5", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Text of an application as the characters of the wire: each byte of its UTF-8.</summary>
    public static string ToWire(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>RFC 7616 §3.4.2: what stands for name and password.</summary>
    public static string Secret(DigestAlgorithm algorithm, string name, string realm, string password) => Hash(algorithm, $"{name}:{realm}:{password}");

    /// <summary>RFC 7616 §3.4.4</summary>
    public static string UserHash(DigestAlgorithm algorithm, string name, string realm) => Hash(algorithm, $"{name}:{realm}");

    /// <summary>RFC 7616 §3.4.1, with <c>qop=auth</c>.</summary>
    public static string Response(DigestAlgorithm algorithm, string secret, string nonce, string count, string clientNonce, string method, string uri) =>
        Hash(algorithm, $"{secret}:{nonce}:{count}:{clientNonce}:auth:{Hash(algorithm, $"{method}:{uri}")}");

    /// <summary>The secret of a session (RFC 7616 §3.4.2).</summary>
    public static string SessionSecret(DigestAlgorithm algorithm, string secret, string nonce, string clientNonce) => Hash(algorithm, $"{secret}:{nonce}:{clientNonce}");

    [SuppressMessage("Security", "CA5351", Justification = "RFC 7616 §3.3 has MD5 for clients that know nothing else; a server can do without it.")]
    private static string Hash(DigestAlgorithm algorithm, string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        return Convert.ToHexStringLower(algorithm == DigestAlgorithm.Sha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }
}
