using Wspy.Handshake;

namespace Wspy;

/// <summary>What a client remembers of servers' challenges, so that a reconnect needs no second round: of Digest the nonce and its count (RFC 7616 §3.4).</summary>
/// <remarks>Holds no password. Safe from any thread; one can serve any number of connections.</remarks>
public sealed class AuthenticationSession
{
    /// <summary>Servers and names that are remembered at once.</summary>
    private const int MaxEntries = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The challenge to answer before it is made, and how often its nonce will have been used then.</summary>
    internal bool TryUse(string key, out DigestChallenge? challenge, out uint count)
    {
        lock (_gate)
        {
            bool isKnown = _entries.TryGetValue(key, out Entry? entry);
            challenge = entry?.Challenge;
            count = isKnown ? ++entry!.Count : 0;
            return isKnown;
        }
    }

    /// <summary>Remembers a challenge, whose nonce is used once with this.</summary>
    internal uint Begin(string key, DigestChallenge challenge)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out Entry? entry) && entry.Challenge.Nonce == challenge.Nonce)
            {
                return ++entry.Count;
            }

            if (_entries.Count >= MaxEntries && !_entries.ContainsKey(key))
            {
                _entries.Clear();
            }

            _entries[key] = new Entry(challenge) { Count = 1 };
            return 1;
        }
    }

    internal void Forget(string key)
    {
        lock (_gate)
        {
            _entries.Remove(key);
        }
    }

    private sealed class Entry(DigestChallenge challenge)
    {
        public DigestChallenge Challenge => challenge;

        public uint Count { get; set; }
    }
}
