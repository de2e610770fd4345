import { type ErrorKey, errorCodes } from '../errors/codes';
import css from './ui.module.css';

/** The code behind a sentence, for whoever runs the server. */
export function ErrorCode({ of }: { of: ErrorKey }) {
  return (
    <span className={css.errorCode} data-testid="error-code">
      {errorCodes[of]}
    </span>
  );
}
