// The words for codes. What has none here is said in general ones: a code is
// never shown.

export const caseState = {
  SUBMITTED: '已提交', RECEIVED: '已收件', ACCEPTED: '已受理', CORRECTION: '待补正', DONE: '已办结', REFUSED: '未通过', PAYMENT_DUE: '待缴费', CLOSED: '已关闭',
};
export const ended = new Set(['DONE', 'REFUSED', 'CLOSED']);

export const licenceStatus = { VALID: '有效', REVOKED: '已吊销', SUSPENDED: '已暂停', EXPIRED: '已过期', UNKNOWN: '状态待核实' };

export const mode = { FULLY_ONLINE: '全程网办', RECEIVED_ELSEWHERE: '异地代收代办', JOINTLY_HANDLED: '多地联办' };

export const found = {
  FOUND: '已找到', TO_SIGN: '需您签署', TO_GIVE: '需您提供', AT_COUNTER: '由窗口核验', NOT_FOUND: '没有找到', UNKNOWN: '暂时查不到',
};

const reasons = {
  SOURCE_TIMEOUT: '对方没有及时回应', SOURCE_DOWN: '对方系统连不上', SOURCE_BUSY: '对方系统正忙', SOURCE_REFUSED: '对方没有给出结果',
  SOURCE_ANSWER_INVALID: '对方的回答看不懂', SOURCE_WRONG_PERSON: '对方的回答有误，已被拦下', SOURCE_CHARSET_WRONG: '对方返回的文字无法识别', SOURCE_PARTIAL: '对方只给出了部分记录', SOURCE_SUSPENDED: '该应用已暂停服务',
  RECORD_NOT_FOUND: '那里没有您的记录', CAPABILITY_MISSING: '那里没有开通这项服务', LICENCE_NOT_VALID: '有这份证照，但不在有效状态',
  RELATION_UNKNOWN: '属于家人，尚不知道是哪一位', CHECK_NEGATIVE: '核验没有通过', PROFILE_EMPTY: '您的资料里还没有',
};
export const reason = (code) => reasons[code] || '暂时取不到';

const fields = {
  name: '姓名', id_number: '身份证号', phone: '联系电话', phone_number: '手机号', gov_level: '实名等级', cert_key: '身份凭证', sub: '应用内编号',
  bank_account: '收款账户', birthdate: '出生日期', address: '地址', gender: '性别', places: '有记录的地区',
  care_region: '备案就医地', start_date: '开始日期', purpose: '证明用途', due_date: '预产期或出生日期', retired_on: '退休日期',
  house_region: '购房所在地', amount: '金额', company_name: '企业名称', capital: '出资总额', agent_name: '经办人姓名', change: '变更内容',
  operator_name: '经营者姓名', move_date: '拟迁入日期', from_region: '原户籍所在地', to_region: '迁入地', delivery_address: '邮寄地址',
  licence_status: '证照状态', licence_type: '证照类型', licence_issuer: '发证机关', licence_issued_on: '发证日期', licence_expires_on: '有效期至', licence_number: '证照编号', credit_code: '统一社会信用代码',
  hospital: '医院', visit_date: '就诊日期', applicant: '申请人', materials: '申请材料', region: '办理地', item: '事项', case_number: '办件编号', case_item: '办件事项', case_state: '办件状态', record_places: '档案所在地区', space: '各地信息', licence: '证照', matter: '办事', app: '应用',
};
// fieldName gives a field's name; one that is Chinese already stands.
export const fieldName = (name) => fields[name] || (/[\u4e00-\u9fff]/.test(name) ? name : '其他信息');

export const basis = (text) => (text === 'consent' ? '您的同意' : /[\u4e00-\u9fff]/.test(text) ? text : '法律规定');

export const receiver = { APP: '小程序', PROVINCE: '政务系统', VERIFIER: '核验机构', CLERK: '窗口人员', DELEGATE: '代办人' };

export const mandateKind = { FAMILY: '家人', VILLAGE_AGENT: '村（社区）代办员', GUARDIAN: '父母或监护人', ENTERPRISE: '企业代办人' };

// mandateState tells either side where a mandate stands.
export const mandateState = ({ state, side }) => ({
  OFFERED: '等人接受', ACCEPTED: side === 'PRINCIPAL' ? '等您确认' : '等对方确认', STANDING: '有效', ENDED: '已结束', LAPSED: '已失效',
}[state] || '待核实');
export const over = new Set(['ENDED', 'LAPSED']);

// What a mandate may allow, by the first word of a scope.
export const mandateScope = {
  space: ['查看信息', '各地的信息、证照清单、办件进度'], licence: ['出示证照', '替本人亮出证照的二维码'],
  matter: ['办事', '提交材料，办理所有事项'], app: ['使用应用', '只限允许代办的应用'],
};

export const actingRole = { LEGAL_REPRESENTATIVE: '法定代表人', AGENT: '经办人' };

export const level = (n) => ({ 2: '自行填写', 3: '姓名与证号已核验', 4: '真人与证件已核验', 5: '证书或窗口核验' }[n] || '');

// The names under which people look for the mode for older persons.
export const elderNames = ['长辈版', '亲情版', '关爱版', '关怀版', '老年版', '大字版', '大字', '老人'];
