using System.Net;

namespace Wspy;

/// <content>What stands in the query and in cookies, taken apart when asked for; each call looks through them once.</content>
public sealed partial class HttpRequestHead
{
    /// <summary>
    /// The first value of that name in the query, decoded as a form is: <c>+</c> is a space, <c>%C3%A9</c> is é; an escape that is malformed stays as it
    /// was sent. Empty for a name without <c>=</c>, <see langword="null"/> if the name is not there.
    /// </summary>
    public string? GetQueryValue(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string query = Query;
        foreach (Range field in query.AsSpan().Split('&'))
        {
            if (TryGetField(query.AsSpan(field), name, out string value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>All values of that name in the query in order, decoded as <see cref="GetQueryValue"/> does; none if the name is not there.</summary>
    public IReadOnlyList<string> GetQueryValues(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        List<string>? values = null;
        string query = Query;
        foreach (Range field in query.AsSpan().Split('&'))
        {
            if (TryGetField(query.AsSpan(field), name, out string value))
            {
                (values ??= []).Add(value);
            }
        }

        return values ?? (IReadOnlyList<string>)[];
    }

    /// <summary>The value of the first cookie of that name, as sent (RFC 6265 §5.4); <see langword="null"/> if there is none. Names are compared with case.</summary>
    public string? GetCookie(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        for (int i = Headers.IndexOf("Cookie"u8, 0); i >= 0; i = Headers.IndexOf("Cookie"u8, i + 1))
        {
            string line = System.Text.Encoding.Latin1.GetString(Headers.Value(i));
            foreach (Range pair in line.AsSpan().Split(';'))
            {
                ReadOnlySpan<char> cookie = line.AsSpan(pair).Trim(" \t");
                int equals = cookie.IndexOf('=');
                if (equals >= 0 && cookie[..equals].TrimEnd(" \t").SequenceEqual(name))
                {
                    return cookie[(equals + 1)..].TrimStart(" \t").ToString();
                }
            }
        }

        return null;
    }

    private static bool TryGetField(ReadOnlySpan<char> field, string name, out string value)
    {
        value = "";
        int equals = field.IndexOf('=');
        ReadOnlySpan<char> left = equals < 0 ? field : field[..equals];
        if (field.IsEmpty || !(left.SequenceEqual(name) || (left.ContainsAny('%', '+') && WebUtility.UrlDecode(left.ToString()) == name)))
        {
            return false;
        }

        if (equals >= 0)
        {
            ReadOnlySpan<char> right = field[(equals + 1)..];
            value = right.ContainsAny('%', '+') ? WebUtility.UrlDecode(right.ToString()) : right.ToString();
        }

        return true;
    }
}
