using System.Text;

namespace Wspy;

/// <summary>A challenge or credentials, which have one grammar (RFC 9110 §11.3, §11.4): a scheme, and a token or parameters.</summary>
/// <remarks>
/// <code>
/// challenge   = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
/// credentials = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
/// auth-param  = token BWS "=" BWS ( token / quoted-string )
/// </code>
/// Its text never shows the values, which may be secrets: <see cref="Format"/> writes them. Immutable, and safe from any thread.
/// </remarks>
public sealed class AuthenticationFields
{
    /// <summary>More than any scheme has; a parameter may be there once, which is judged by comparing each with each.</summary>
    internal const int MaxParameters = 32;

    private readonly AuthenticationParameter[] _parameters;

    /// <summary>Creates challenge or credentials with parameters.</summary>
    /// <param name="scheme">A token, such as <c>Digest</c>.</param>
    /// <param name="parameters">At most 32, each name once; none for the scheme alone.</param>
    /// <exception cref="ArgumentException">The scheme or a name is no token, a name is there twice, a value may not be sent, or there are too many.</exception>
    public AuthenticationFields(string scheme, params IEnumerable<AuthenticationParameter> parameters)
        : this(scheme, null, [.. parameters ?? throw new ArgumentNullException(nameof(parameters))])
    {
        if (!HttpGrammar.IsToken(scheme))
        {
            throw new ArgumentException("The scheme is no token (RFC 9110 §11.1).", nameof(scheme));
        }

        if (_parameters.Length > MaxParameters)
        {
            throw new ArgumentException($"There are {_parameters.Length} parameters, and {MaxParameters} are the most.", nameof(parameters));
        }

        for (int i = 0; i < _parameters.Length; i++)
        {
            AuthenticationParameter parameter = _parameters[i];
            bool isWritable = parameter.IsQuoted ? HttpGrammar.IndexOfNonFieldValue(parameter.Value) < 0 : HttpGrammar.IsToken(parameter.Value);
            if (!HttpGrammar.IsToken(parameter.Name) || !isWritable || IndexOf(parameter.Name) != i)
            {
                throw new ArgumentException($"Parameter {i} has a name that is no token or is there twice, or a value that may not be sent (RFC 9110 §11.2).", nameof(parameters));
            }
        }
    }

    private AuthenticationFields(string scheme, string? token, AuthenticationParameter[] parameters)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        Scheme = scheme;
        Token = token;
        _parameters = parameters;
    }

    /// <summary>The scheme as written; case does not count.</summary>
    public string Scheme { get; }

    /// <summary>The token68, such as the base64 of Basic; <see langword="null"/> when there are parameters or nothing.</summary>
    public string? Token { get; }

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<AuthenticationParameter> Parameters => _parameters;

    /// <summary>The value of a parameter, or <see langword="null"/>; case does not count in its name.</summary>
    public string? this[string name] => IndexOf(name) is int index and >= 0 ? _parameters[index].Value : null;

    /// <summary>Challenge or credentials with a token.</summary>
    /// <param name="scheme">A token, such as <c>Bearer</c>.</param>
    /// <param name="token">A token68: letters, digits and <c>-._~+/</c>, then any number of <c>=</c>.</param>
    /// <exception cref="ArgumentException">One of them breaks its grammar; the message does not repeat it.</exception>
    public static AuthenticationFields WithToken(string scheme, string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (!HttpGrammar.IsToken(scheme) || !AuthenticationCursor.IsToken68(token))
        {
            throw new ArgumentException("The scheme is no token, or the token no token68 (RFC 9110 §11.2).", nameof(token));
        }

        return new AuthenticationFields(scheme, token, []);
    }

    /// <summary>Reads the value of an Authorization header (RFC 9110 §11.6.2).</summary>
    /// <returns>False if the grammar is violated.</returns>
    public static bool TryParseCredentials(ReadOnlySpan<char> value, out AuthenticationFields? credentials)
    {
        var cursor = new AuthenticationCursor(value);
        bool valid = TryRead(ref cursor, isList: false, out credentials) && cursor.AtEnd;
        credentials = valid ? credentials : null;
        return valid;
    }

    /// <summary>Reads the values of WWW-Authenticate headers (RFC 9110 §11.6.1), each of which may hold several challenges.</summary>
    /// <param name="values">The values in the order of the lines.</param>
    /// <returns>All challenges of the lines that follow the grammar; a line that does not is skipped.</returns>
    public static IReadOnlyList<AuthenticationFields> ParseChallenges(IEnumerable<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var challenges = new List<AuthenticationFields>();
        foreach (string value in values)
        {
            int before = challenges.Count;
            if (!TryReadList(value, challenges))
            {
                challenges.RemoveRange(before, challenges.Count - before);
            }
        }

        return challenges;
    }

    /// <summary>The value of a header, secrets included.</summary>
    public string Format()
    {
        var text = new StringBuilder(Scheme);
        if (Token is not null)
        {
            return text.Append(' ').Append(Token).ToString();
        }

        for (int i = 0; i < _parameters.Length; i++)
        {
            text.Append(i == 0 ? " " : ", ").Append(_parameters[i].Name).Append('=');
            if (_parameters[i].IsQuoted)
            {
                text.Append('"').Append(_parameters[i].Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            }
            else
            {
                text.Append(_parameters[i].Value);
            }
        }

        return text.ToString();
    }

    /// <summary>The scheme alone.</summary>
    public override string ToString() => Scheme;

    internal bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    private static bool TryReadList(ReadOnlySpan<char> value, List<AuthenticationFields> challenges)
    {
        var cursor = new AuthenticationCursor(value);
        while (true)
        {
            cursor.SkipCommas();
            if (cursor.AtEnd)
            {
                return true;
            }

            if (!TryRead(ref cursor, isList: true, out AuthenticationFields? challenge) || (!cursor.AtEnd && !cursor.IsAt(',')))
            {
                return false;
            }

            challenges.Add(challenge!);
        }
    }

    // In a list a comma may end the challenge: it does when no parameter follows it.
    private static bool TryRead(ref AuthenticationCursor cursor, bool isList, out AuthenticationFields? fields)
    {
        fields = null;
        if (!cursor.TryReadToken(out string scheme))
        {
            return false;
        }

        bool hasSpace = cursor.TrySkipSpace();
        if (cursor.AtEnd || cursor.IsAt(','))
        {
            fields = new AuthenticationFields(scheme, null, []);
            return true;
        }

        if (!hasSpace)
        {
            return false;
        }

        if (cursor.TryReadToken68(out string token))
        {
            fields = new AuthenticationFields(scheme, token, []);
            return true;
        }

        return TryReadParameters(ref cursor, isList, scheme, out fields);
    }

    private static bool TryReadParameters(ref AuthenticationCursor cursor, bool isList, string scheme, out AuthenticationFields? fields)
    {
        fields = null;
        var parameters = new List<AuthenticationParameter>();
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadParameter(out AuthenticationParameter? parameter) || parameters.Count == MaxParameters
                || parameters.Exists(other => other.Name.Equals(parameter!.Name, StringComparison.OrdinalIgnoreCase))
                || (!cursor.AtEnd && !cursor.IsAt(',')))
            {
                return false;
            }

            parameters.Add(parameter!);
            cursor.SkipCommas();
            if (isList && !cursor.IsAtParameter)
            {
                // The comma before the next challenge has been taken; it is put back for the list.
                cursor.StepBackToComma();
                break;
            }
        }

        fields = new AuthenticationFields(scheme, null, [.. parameters]);
        return parameters.Count > 0;
    }

    private int IndexOf(string name) => Array.FindIndex(_parameters, parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
