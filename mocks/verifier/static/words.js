// What the platform's codes mean, in the words of a desk.

export const outcomes = {
  VALID: ['✓ 有效', '发证机关刚刚确认：这张证照现在有效。'],
  REVOKED: ['✕ 已吊销', '发证机关刚刚确认：这张证照已被吊销，不能作为凭证。'],
  SUSPENDED: ['✕ 暂停使用', '发证机关刚刚确认：这张证照暂停使用，现在不能作为凭证。'],
  EXPIRED: ['✕ 已过期', '这张证照已经过了有效期。'],
  UNKNOWN: ['? 无法确认', '现在查不到发证机关的答复，不能当作有效。'],
};

export const ended = {
  REFUSED: ['持证人没有同意', '没有取得任何内容。'],
  LAPSED: ['持证人没有答复', '一分钟内没有答复，没有取得任何内容。请对方重新出示。'],
};

export const statuses = { VALID: '有效', REVOKED: '已吊销', SUSPENDED: '暂停使用', EXPIRED: '已过期', UNKNOWN: '状态不明' };

export const fields = {
  TYPE: '证照类型', ISSUER: '发证机关', ISSUED_ON: '发证日期', EXPIRES_ON: '有效期至', HOLDER: '持证人姓名', NUMBER: '证照编号', ID_NUMBER: '身份证件号码',
};

// age says how old something is.
export function age(seconds) {
  if (seconds < 5) return '刚刚';
  if (seconds < 60) return `${seconds} 秒前`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} 分钟前`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} 小时前`;
  return `${Math.floor(seconds / 86400)} 天前`;
}

export const clock = (at) => new Date(at).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false, timeZone: 'Asia/Shanghai' });
