using System.Text;

namespace Wspy.Handshake;

/// <summary>What a server serves: paths, of any host or of one (RFC 6455 §3).</summary>
internal sealed class LocationPolicy
{
    private readonly List<Location> _locations = [];

    /// <exception cref="ArgumentException">One is neither a path nor a WebSocket URI without query and fragment.</exception>
    public LocationPolicy(IReadOnlyList<string> locations, string property)
    {
        for (int i = 0; i < locations.Count; i++)
        {
            if (!Location.TryCreate(locations[i], out Location location))
            {
                throw new ArgumentException(
                    $"{property}[{i}] is no location: write a path such as /chat, or ws://host[:port]/path, without query and fragment (RFC 6455 §3).", property);
            }

            _locations.Add(location);
        }
    }

    public bool Serves(ReadOnlySpan<byte> path, HttpAuthority host)
    {
        foreach (Location location in _locations)
        {
            if (path.SequenceEqual(location.Path) && location.IsOf(host))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="Authority">The host with its port, or <see langword="null"/> for any.</param>
    /// <param name="DefaultPort">The scheme's port, 80 or 443.</param>
    /// <param name="Path">As in a request line.</param>
    private readonly record struct Location(byte[]? Authority, int DefaultPort, byte[] Path)
    {
        public static bool TryCreate(string? text, out Location location)
        {
            location = default;
            byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
            if (!HttpTarget.TryParse("GET"u8, bytes, out HttpTarget parts) || bytes.Contains((byte)'?'))
            {
                return false;
            }

            byte[] authority = bytes[parts.Authority];
            byte[] path = bytes[parts.Path];
            bool secure = Ascii.EqualsIgnoreCase(bytes.AsSpan(0, Math.Min(3, bytes.Length)), "wss"u8)
                || Ascii.EqualsIgnoreCase(bytes.AsSpan(0, Math.Min(5, bytes.Length)), "https"u8);
            location = new Location(authority.Length == 0 ? null : authority, secure ? 443 : 80, path.Length == 0 ? [(byte)'/'] : path);
            return true;
        }

        public bool IsOf(HttpAuthority host)
        {
            _ = HttpAuthority.TryParse(Authority, out HttpAuthority own); // was judged with the target
            return Authority is null || own.Equals(host, DefaultPort);
        }
    }
}
