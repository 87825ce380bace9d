using System.Security.Cryptography;

namespace BrowserLogin;

/// <summary>Whom random tokens stand for, for a while. Safe from any thread.</summary>
public sealed class Tokens(TimeSpan lifetime, TimeProvider clock)
{
    /// <summary>Who asks for more, without using them, makes the oldest go.</summary>
    private const int MaxCount = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Name, DateTimeOffset End)> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Makes a token: 256 bits that nobody guesses, in letters that a URL and a cookie can hold.</summary>
    public string Create(string name)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (_gate)
        {
            // They expire in the order in which they were made.
            while (_order.TryPeek(out string? oldest) && (_order.Count >= MaxCount || !_names.TryGetValue(oldest, out var entry) || entry.End <= clock.GetUtcNow()))
            {
                _names.Remove(_order.Dequeue());
            }

            _names[token] = (name, clock.GetUtcNow() + lifetime);
            _order.Enqueue(token);
        }

        return token;
    }

    /// <summary>The name that a token stands for, now and later; null if there is none, or no more.</summary>
    public string? Find(string? token) => Look(token, takes: false);

    /// <summary>The name that a token stands for, this once.</summary>
    public string? Take(string? token) => Look(token, takes: true);

    private string? Look(string? token, bool takes)
    {
        lock (_gate)
        {
            bool isValid = token is not null && _names.TryGetValue(token, out var entry) && entry.End > clock.GetUtcNow();
            string? name = isValid ? _names[token!].Name : null;
            if (takes && isValid)
            {
                _names.Remove(token!);
            }

            return name;
        }
    }
}
